package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.torch.TorchScriptExport.Target;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.ModelFile;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.network.CostModel;
import io.atrous.network.Precision;
import io.atrous.network.RandomModels;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A written archive works in a runtime that knows nothing of ours: loaded, called, nothing else.
 */
class TorchScriptExportTest {

  private static final NetworkSpec NETWORK =
      NetworkSpec.deepLabV3Plus(List.of(1, 2, 1, 3), 4, 16, 8, 5);

  private static final List<Shape> SHAPES =
      List.of(new Shape(1, 3, 64, 64), new Shape(3, 3, 37, 50), new Shape(2, 3, 65, 65));

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Target.class)
  void answersFromItsFirstCallAsTheServiceDoes(Target target) throws IOException {
    Path archive = write(new TorchScriptExport(target, target.usualPrecision()));
    try (PtNDManager manager = manager();
        PtSymbolBlock block = load(archive, manager);
        TorchScriptModule service =
            new TorchScriptCompiler(directory)
                .compile(
                    Weights.of(model()),
                    Normalization.IMAGENET,
                    new TorchScriptVariant(Kernels.PLAIN, Precision.FP32),
                    Device.cpu())) {
      for (Shape shape : SHAPES) {
        NDArray x = normal(manager, shape);

        NDArray logits = Variants.onThisMachine(() -> forward(block, x));

        assertThat(relativeError(logits, service.logits(x)))
            .as("%s", shape)
            .isLessThan(target.usualPrecision() == Precision.FP32 ? 1e-5 : 0.01);
      }
    }
  }

  @Test
  void answersTheSameAgain() throws IOException {
    Path archive = write(new TorchScriptExport(Target.PORTABLE, Precision.FP32));
    try (PtNDManager manager = manager();
        PtSymbolBlock block = load(archive, manager)) {
      NDArray x = normal(manager, SHAPES.get(0));
      NDArray before = x.duplicate();

      NDArray first = forward(block, x);
      forward(block, normal(manager, SHAPES.get(1)));

      assertThat(forward(block, x).toFloatArray()).isEqualTo(first.toFloatArray());
      assertThat(x).as("the images").isEqualTo(before);
    }
  }

  @Test
  void saysWhatItIsAndWhatItNeeds() throws IOException {
    Path archive = write(new TorchScriptExport(Target.CPU, Precision.BF16));
    String[] names = {TorchScriptExport.ABOUT};
    String[] texts = {""};
    try (PtNDManager manager = manager()) {
      JniUtils.loadModule(manager, archive, false, names, texts, false).close();
    }

    JsonNode json = new ObjectMapper().readTree(texts[0]);
    assertThat(json.at("/model/name").asText()).isEqualTo("random");
    assertThat(json.at("/model/classes")).hasSize(5);
    assertThat(json.at("/target").asText()).isEqualTo("cpu");
    assertThat(json.at("/precision").asText()).isEqualTo("bf16");
    assertThat(json.at("/requires").asText()).contains("libtorch 2.3").contains("oneDNN");
    assertThat(json.at("/weightsSha256").asText()).isEqualTo(model().sha256());
  }

  @Test
  void takesHalfTheSpaceInHalfThePrecision() throws IOException {
    long wide = Files.size(write(new TorchScriptExport(Target.PORTABLE, Precision.FP32)));
    long half = Files.size(write(new TorchScriptExport(Target.PORTABLE, Precision.BF16)));
    long weights =
        CostModel.of(NETWORK, 1, 1).layers().stream()
            .mapToLong(layer -> layer.unit().parameters().get(0).count())
            .sum();

    assertThat(wide - half).isGreaterThan(2 * weights * 9 / 10);
  }

  @Test
  void fewProcessorsHaveHalfPrecision() {
    assertThatThrownBy(() -> new TorchScriptExport(Target.CPU, Precision.FP16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cpu computes in fp32 or bf16, not in fp16");
  }

  private ModelFile model() throws IOException {
    return RandomModels.write(directory, NETWORK, 64, 64, 3);
  }

  private Path write(TorchScriptExport export) throws IOException {
    Path archive = directory.resolve(export + ".pt");
    export.write(model(), archive);
    return archive;
  }

  private static PtNDManager manager() {
    return (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  private static PtSymbolBlock load(Path archive, PtNDManager manager) {
    String[] noExtraFiles = {};
    return JniUtils.loadModule(manager, archive, false, noExtraFiles, noExtraFiles, false);
  }

  private static NDArray forward(PtSymbolBlock block, NDArray x) {
    return block
        .forward(new ParameterStore(x.getManager(), false), new NDList(x), false)
        .singletonOrThrow();
  }

  private static NDArray normal(NDManager manager, Shape shape) {
    Random random = new Random(shape.hashCode());
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, shape);
  }

  private static double relativeError(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    return actual.sub(expected).norm().getFloat() / (double) expected.norm().getFloat();
  }
}
