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

final class NamedTensorsTest {

  private static final Tensor NUMBERS = new Tensor(List.of(2), new float[] {1, Float.NaN});

  private static final Map<String, ?> WEIGHTS = Map.of("module.w", NUMBERS, "module.b", NUMBERS);

  @Test
  void aTensorIsCalledByTheKeysOnTheWayToIt() {
    Map<String, Object> saved = new LinkedHashMap<>();
    saved.put("epoch", 3L);
    saved.put("best_loss", NUMBERS);
    saved.put("checkpoint", Map.of("net", WEIGHTS));
    saved.put("optimizer", Map.of("state", List.of(NUMBERS)));

    Checkpoint checkpoint = open(saved);

    assertThat(checkpoint.names())
        .containsExactly("best_loss", "checkpoint.net.module.b", "checkpoint.net.module.w");
    assertThat(checkpoint.values("checkpoint.net.module.w")).containsExactly(1, Float.NaN);
    assertThat(checkpoint.beside("checkpoint.net.module."))
        .containsExactly("epoch", "best_loss", "optimizer");
  }

  @Test
  void whatIsNoTensorAmongWeightsIsNamedWithItsPlace() {
    Map<String, Object> net = new LinkedHashMap<>();
    net.put("w", NUMBERS);
    net.put("extra", 1L);
    net.put("part", Map.of("w", NUMBERS));
    net.put("config", Map.of("name", "resnet101"));

    assertThat(open(Map.of("net", net)).beside("net.")).containsExactly("net.extra", "net.config");
  }

  @Test
  void aDictionaryThatIsSavedTwiceIsEnteredOnce() {
    // {"state_dict": w, "model": w, "all": the outer dictionary itself}
    Checkpoint checkpoint = Checkpoint.of(TorchFiles.aliased(NUMBERS));

    assertThat(checkpoint.names()).containsExactly("state_dict.w");
    assertThat(checkpoint.beside("state_dict.")).containsExactly("model", "all");
  }

  @Test
  void namesAreNotAmbiguous() {
    assertThatThrownBy(() -> open(Map.of("a.w", NUMBERS, "a", Map.of("w", NUMBERS))))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Model file m is damaged: it has two tensors a.w");
    assertThatThrownBy(() -> open(Map.of("a\nb", NUMBERS)))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Model file m is damaged: it has a tensor with an unusable name");
  }

  @Test
  void aFileWithoutNamedTensorsIsRefusedWithWhatItHas() {
    assertThatThrownBy(() -> open(Map.of("optimizer", List.of(NUMBERS))))
        .isInstanceOf(ModelFileException.class)
        .hasMessage("Model file m holds no named tensors; at its top are: optimizer");
  }

  private static Checkpoint open(Map<String, ?> saved) {
    Checkpoint zip = Checkpoint.of(TorchFiles.inMemory(TorchFiles.zip(saved)));
    Checkpoint legacy = Checkpoint.of(TorchFiles.inMemory(TorchFiles.legacy(saved)));
    assertThat(legacy.names()).isEqualTo(zip.names());
    assertThat(legacy.beside("")).isEqualTo(zip.beside(""));
    return zip;
  }
}
