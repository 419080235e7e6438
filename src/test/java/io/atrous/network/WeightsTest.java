package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.Safetensors.Tensor;
import io.atrous.model.SegmentationClass;
import io.atrous.model.StorageType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {

  private static final ModelSpec SPEC =
      new ModelSpec(
          "tiny",
          "1",
          new ClassCatalog(
              List.of(new SegmentationClass("road", 0), new SegmentationClass("sky", 1))),
          64,
          64,
          Normalization.IMAGENET,
          ResizePolicy.FIT);

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 2, 16, 4, 2);

  private final Map<String, Tensor> tensors = ones();

  @TempDir Path directory;

  @Test
  void givesTheTensorsOfAFileThatFitsItsNetwork() throws IOException {
    Weights weights = Weights.of(file());

    assertThat(weights.network()).isEqualTo(NETWORK);
    assertThat(weights.tensor("last_conv.6.bias")).containsExactly(1, 1);
    assertThat(weights.folded(ConvUnit.plain("last_conv.6", 4, 2)).weight()).hasSize(8);
  }

  @Test
  void namesMissingExtraAndMisshapenTensors() throws IOException {
    tensors.remove("conv1.weight");
    tensors.put("conv9.weight", new Tensor(List.of(1), new float[1]));
    tensors.put("bn1.bias", new Tensor(List.of(5), new float[5]));
    ModelFile file = file();

    assertThatThrownBy(() -> Weights.of(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessage(
            "Model file "
                + file.origin()
                + " does not hold the weights of the network it describes: missing: conv1.weight"
                + " [4, 20, 1, 1]; not part of it: conv9.weight [1]; misshapen: bn1.bias is [5] instead of [4]");
  }

  @Test
  void aLongListOfComplaintsIsCut() throws IOException {
    tensors.clear();
    ModelFile file = file();
    int expected = CostModel.parametersOf(NETWORK).size();

    assertThatThrownBy(() -> Weights.of(file))
        .hasMessageEndingWith("and " + (expected - 10) + " more");
  }

  @Test
  void refusesNumbersThatAreNotFinite() throws IOException {
    tensors.put("last_conv.6.bias", new Tensor(List.of(2), new float[] {0, Float.NaN}));
    Weights weights = Weights.of(file());

    assertThatThrownBy(() -> weights.tensor("last_conv.6.bias"))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("last_conv.6.bias contains NaN");
  }

  @Test
  void refusesAVarianceThatCannotBe() throws IOException {
    tensors.put("bn1.running_var", new Tensor(List.of(4), new float[] {1, 1, 1, -1}));
    Weights weights = Weights.of(file());

    assertThatThrownBy(() -> weights.folded(ConvUnit.pointwise("conv1", "bn1", 20, 4)))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("bn1")
        .hasMessageContaining("channel 3");
  }

  @Test
  void whatIsWrittenIsTaken() throws IOException {
    Map<String, float[]> values = values();
    Path path = directory.resolve("written.safetensors");

    Weights.write(path, SPEC, NETWORK, values, StorageType.F16);

    Weights weights = Weights.of(ModelFile.open(path));
    assertThat(values)
        .allSatisfy((name, expected) -> assertThat(weights.tensor(name)).containsExactly(expected));
  }

  @Test
  void writesNothingThatItWouldRefuse() {
    Map<String, float[]> missing = values();
    missing.remove("bn1.bias");
    Map<String, float[]> extra = values();
    extra.put("bn9.bias", new float[1]);
    Map<String, float[]> large = values();
    large.put("bn1.bias", new float[] {1, 70_000, 1, 1});

    assertNotWritten(missing, "bn1.bias");
    assertNotWritten(extra, "bn9.bias");
    assertNotWritten(large, "bn1.bias contains 70000.0, which F16 can't hold");
  }

  private void assertNotWritten(Map<String, float[]> values, String complaint) {
    Path path = directory.resolve("refused.safetensors");
    assertThatThrownBy(() -> Weights.write(path, SPEC, NETWORK, values, StorageType.F16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(complaint);
    assertThat(path).doesNotExist();
  }

  private Map<String, float[]> values() {
    Map<String, float[]> values = new TreeMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.values()));
    return values;
  }

  private ModelFile file() throws IOException {
    Path path = directory.resolve("tiny.safetensors");
    ModelFile.write(path, SPEC, NETWORK, tensors, StorageType.F32);
    return ModelFile.open(path);
  }

  private static Map<String, Tensor> ones() {
    Map<String, Tensor> tensors = new TreeMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(NETWORK)) {
      float[] values = new float[(int) parameter.count()];
      Arrays.fill(values, 1);
      tensors.put(parameter.name(), new Tensor(parameter.shape(), values));
    }
    return tensors;
  }
}
