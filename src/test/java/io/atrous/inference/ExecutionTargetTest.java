package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExecutionTargetTest {

  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu", "cuda:0", "cuda:15"})
  void readsWhatItPrints(String text) {
    assertThat(ExecutionTarget.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda", "cuda:", "cuda:-1", "cuda:x", "CPU", "cuda:1234"})
  void refusesAnythingElseAndSaysWhatItTakes(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecutionTarget.parse(text))
        .withMessage(
            "an execution target is auto, cpu or cuda:N (such as cuda:0), not '" + text + "'");
  }
}
