package io.atrous.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.checkpoint.torch.TorchFiles;
import io.atrous.model.ModelFileException;
import io.atrous.model.Safetensors.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StateDictTest {

  private static final Tensor NUMBERS = new Tensor(List.of(2), new float[] {1, Float.NaN});

  private static final Map<String, ?> WEIGHTS = Map.of("module.w", NUMBERS, "module.b", NUMBERS);

  @ParameterizedTest
  @ValueSource(
      strings = {"state_dict", "model_state_dict", "model_state", "model", "network", "net"})
  void weightsAreFoundInTheirWrapper(String wrapper) {
    Map<String, Object> saved = new LinkedHashMap<>();
    saved.put("epoch", 3L);
    saved.put("best_loss", NUMBERS);
    saved.put(wrapper, WEIGHTS);
    saved.put("optimizer", Map.of("state", List.of(NUMBERS)));

    Checkpoint checkpoint = open(saved);

    assertThat(checkpoint.names()).containsExactly("b", "w");
    assertThat(checkpoint.values("w")).containsExactly(1, Float.NaN);
    assertThat(checkpoint.ignored()).containsExactly("epoch", "best_loss", "optimizer");
  }

  @Test
  void weightsAreFoundAtTheTop() {
    Map<String, Object> saved = new LinkedHashMap<>(WEIGHTS);
    saved.put("model", Map.of("name", "resnet101"));

    Checkpoint checkpoint = open(saved);

    assertThat(checkpoint.names()).containsExactly("b", "w");
    assertThat(checkpoint.ignored()).containsExactly("model");
  }

  @Test
  void whatIsNoTensorAmongWeightsIsNamedWithItsPlace() {
    assertThat(open(Map.of("net", Map.of("w", NUMBERS, "extra", 1L))).ignored())
        .containsExactly("net.extra");
  }

  @Test
  void twoSetsOfWeightsAreOneTooMany() {
    assertThatThrownBy(() -> open(Map.of("net", WEIGHTS, "state_dict", WEIGHTS)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file m holds weights under each of state_dict, net;");
  }

  @Test
  void weightsInAnUnknownPlaceAreNotGuessed() {
    assertThatThrownBy(() -> open(Map.of("teacher", WEIGHTS)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Model file m holds no named tensors")
        .hasMessageEndingWith("at its top are: teacher");
  }

  private static Checkpoint open(Map<String, ?> saved) {
    Checkpoint zip = Checkpoint.of(TorchFiles.inMemory(TorchFiles.zip(saved)));
    Checkpoint legacy = Checkpoint.of(TorchFiles.inMemory(TorchFiles.legacy(saved)));
    assertThat(legacy.names()).isEqualTo(zip.names());
    assertThat(legacy.ignored()).isEqualTo(zip.ignored());
    return zip;
  }
}
