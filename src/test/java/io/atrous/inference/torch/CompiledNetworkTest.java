package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.NetworkRuntime;
import io.atrous.inference.NetworkRuntime.ReadyNetwork;
import io.atrous.inference.NetworkRuntimes;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.AsppSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.NetworkSpec.StemType;
import io.atrous.network.RandomModels;
import io.atrous.network.RelativeError;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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

  /** What a network is run on. */
  private record Images(int count, int height, int width) {

    float[] normal() {
      Random random = new Random(hashCode());
      float[] values = new float[count * 3 * height * width];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }

    float[] logits(ReadyNetwork network) {
      return network.logits(normal(), count, height, width);
    }

    float[] logits(TrainableNetwork network, NDManager manager) {
      NDArray x = manager.create(normal(), new Shape(count, 3, height, width));
      return network.logits(x, false).toFloatArray();
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void givesTheLogitsOfTheNetworkItWasCompiledFrom(NetworkSpec spec) throws IOException {
    Weights weights = Weights.of(RandomModels.write(directory, spec, 64, 64, 3));
    for (NetworkRuntime runtime : NetworkRuntimes.wide()) {
      try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
          TrainableNetwork network = TrainableNetwork.of(weights, manager);
          ReadyNetwork compiled = runtime.ready(weights)) {
        for (Images images :
            List.of(
                new Images(1, 64, 64),
                new Images(2, 65, 65),
                new Images(3, 37, 50),
                new Images(1, 17, 91),
                new Images(1, 1, 1))) {
          assertThat(RelativeError.of(images.logits(compiled), images.logits(network, manager)))
              .as("%s on %s", runtime, images)
              .isLessThan(TOLERANCE);
        }
      }
    }
  }

  /** Random weights are the hardest: nothing was trained to be far from everything else. */
  @ParameterizedTest
  @MethodSource("io.atrous.inference.NetworkRuntimes#narrow")
  void givesThemInHalfTheBitsButForRounding(NetworkRuntime runtime) throws IOException {
    Images images = new Images(2, 65, 50);
    for (Named<NetworkSpec> network : networks()) {
      Weights weights = Weights.of(RandomModels.write(directory, network.getPayload(), 64, 64, 3));
      try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
          TrainableNetwork wide = TrainableNetwork.of(weights, manager);
          ReadyNetwork half = runtime.ready(weights)) {
        assertThat(RelativeError.of(images.logits(half), images.logits(wide, manager)))
            .as(network.getName())
            .isLessThan(HALF_TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.atrous.inference.NetworkRuntimes#wide")
  void answersABatchAsItAnswersItsImagesOneByOne(NetworkRuntime runtime) throws IOException {
    Weights weights = Weights.of(RandomModels.write(directory, OUTPUT_STRIDE_16, 64, 64, 4));
    Images images = new Images(4, 33, 49);
    try (ReadyNetwork compiled = runtime.ready(weights)) {
      float[] together = images.logits(compiled);

      for (int i = 0; i < 4; i++) {
        float[] alone = compiled.logits(quarter(images.normal(), i), 1, 33, 49);
        assertThat(RelativeError.of(quarter(together, i), alone)).isLessThan(1e-5);
      }
    }
  }

  private static float[] quarter(float[] values, int i) {
    int length = values.length / 4;
    return Arrays.copyOfRange(values, i * length, (i + 1) * length);
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
}
