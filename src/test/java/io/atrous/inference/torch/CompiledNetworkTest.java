package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.AsppSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.NetworkSpec.StemType;
import io.atrous.model.Normalization;
import io.atrous.network.Precision;
import io.atrous.network.RandomModels;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Compiled, a network computes what it computed in training: batch norm folded or not. */
class CompiledNetworkTest {

  /** {@code ‖a − b‖₂ / ‖b‖₂}: fp32 in another order of summation. */
  private static final double TOLERANCE = 1e-4;

  /** bf16 keeps eight bits of each number, and dozens of layers follow each other. */
  private static final double HALF_TOLERANCE = 0.03;

  private static final NetworkSpec OUTPUT_STRIDE_16 =
      NetworkSpec.deepLabV3Plus(List.of(1, 2, 1, 3), 4, 16, 8, 5);

  @TempDir private Path directory;

  @ParameterizedTest
  @MethodSource("networks")
  void givesTheLogitsOfTheNetworkItWasCompiledFrom(NetworkSpec spec) throws IOException {
    Weights weights = Weights.of(RandomModels.write(directory, spec, 64, 64, 3));
    for (Kernels kernels : Kernels.of(Device.cpu())) {
      try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
          TrainableNetwork network = TrainableNetwork.of(weights, manager);
          TorchScriptModule module = compile(weights, kernels)) {
        for (Shape shape :
            List.of(
                new Shape(1, 3, 64, 64),
                new Shape(2, 3, 65, 65),
                new Shape(3, 3, 37, 50),
                new Shape(1, 3, 17, 91))) {
          NDArray x = normal(manager, shape);

          assertThat(relativeError(module.logits(x), network.logits(x, false)))
              .as("%s at %s", kernels, shape)
              .isLessThan(TOLERANCE);
        }
      }
    }
  }

  /** Random weights are the hardest: nothing was trained to be far from everything else. */
  @ParameterizedTest
  @MethodSource("inHalfTheBits")
  void givesThemInHalfTheBitsButForRounding(TorchScriptVariant variant) throws IOException {
    for (Named<NetworkSpec> network : networks()) {
      Weights weights = Weights.of(RandomModels.write(directory, network.getPayload(), 64, 64, 3));
      try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
          TrainableNetwork wide = TrainableNetwork.of(weights, manager);
          TorchScriptModule half = Variants.onThisMachine(() -> compile(weights, variant))) {
        NDArray x = normal(manager, new Shape(2, 3, 65, 50));

        assertThat(relativeError(half.logits(x), wide.logits(x, false)))
            .as(network.getName())
            .isLessThan(HALF_TOLERANCE);
      }
    }
  }

  private static List<TorchScriptVariant> inHalfTheBits() {
    return Variants.all().stream()
        .filter(variant -> variant.precision() != Precision.FP32)
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Kernels.class)
  void answersABatchAsItAnswersItsImagesOneByOne(Kernels kernels) throws IOException {
    Weights weights = Weights.of(RandomModels.write(directory, OUTPUT_STRIDE_16, 64, 64, 4));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchScriptModule module = compile(weights, kernels)) {
      NDArray x = normal(manager, new Shape(4, 3, 33, 49));
      NDArray together = module.logits(x);

      for (int i = 0; i < 4; i++) {
        NDArray alone = module.logits(x.get(i + ":" + (i + 1)));
        assertThat(relativeError(together.get(i + ":" + (i + 1)), alone)).isLessThan(1e-5);
      }
    }
  }

  /** Networks that differ in everything that a spec can say. */
  static List<Named<NetworkSpec>> networks() {
    return List.of(
        Named.of("output stride 16", OUTPUT_STRIDE_16),
        Named.of("output stride 8", NetworkSpec.deepLabV3Plus(List.of(1, 1, 2, 3), 4, 8, 8, 3)),
        Named.of(
            "basic blocks",
            custom(StemType.PLAIN, BlockType.BASIC, 0, new DecoderSpec(4, 8, 1), true)),
        Named.of("no decoder", custom(StemType.DEEP, BlockType.BASIC, 0, null, true)),
        Named.of(
            "corners not aligned",
            custom(StemType.PLAIN, BlockType.BOTTLENECK, 2, new DecoderSpec(6, 8, 3), false)));
  }

  private static NetworkSpec custom(
      StemType stem,
      BlockType block,
      int refinements,
      @Nullable DecoderSpec decoder,
      boolean alignCorners) {
    BlockSpec same = new BlockSpec(1, 1);
    return new NetworkSpec(
        3,
        4,
        stem,
        block,
        4,
        List.of(
            List.of(same, same),
            List.of(new BlockSpec(2, 1), same),
            List.of(new BlockSpec(2, 1)),
            List.of(new BlockSpec(1, 2), new BlockSpec(1, 4))),
        new AsppSpec(List.of(1, 2, 3), 8, refinements),
        decoder,
        alignCorners);
  }

  private TorchScriptModule compile(Weights weights, Kernels kernels) throws IOException {
    return compile(weights, new TorchScriptVariant(kernels, Precision.FP32));
  }

  private TorchScriptModule compile(Weights weights, TorchScriptVariant variant)
      throws IOException {
    return new TorchScriptCompiler(directory)
        .compile(weights, Normalization.IMAGENET, variant, Device.cpu());
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
