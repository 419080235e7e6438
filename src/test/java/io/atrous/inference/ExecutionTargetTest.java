package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutionTargetTest {

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "cuda", "cuda:0", "cuda:15"})
  void readsWhatItPrints(String text) {
    assertThat(ExecutionTarget.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU", "cuda:1234"})
  void refusesAnythingElseAndSaysWhatItTakes(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecutionTarget.parse(text))
        .withMessage(
            "an execution target is auto, cpu, cuda or cuda:N (such as cuda:0), not '"
                + text
                + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "auto, 0, cpu",
    "auto, 1, cuda:0 cuda:0",
    "auto, 2, cuda:0 cuda:0 cuda:1 cuda:1",
    "cuda, 2, cuda:0 cuda:0 cuda:1 cuda:1",
    "cuda:1, 2, cuda:1 cuda:1",
    "cpu, 2, cpu"
  })
  void isServedByOneLaneOnACpuAndTwoOnEachCudaDeviceThatIsMeant(
      String target, int cudaDevices, String lanes) {
    assertThat(ExecutionTarget.parse(target).lanes(() -> cudaDevices))
        .extracting(ExecutionTarget::toString)
        .containsExactly(lanes.split(" "));
  }

  @Test
  void refusesAllCudaDevicesWhereThereAreNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ExecutionTarget.AllCuda().lanes(() -> 0))
        .withMessageStartingWith("PyTorch sees no CUDA device here; choose cpu or auto");
  }
}
