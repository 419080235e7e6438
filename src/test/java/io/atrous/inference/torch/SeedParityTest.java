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
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.Safetensors;
import io.atrous.network.BatchNormFolding;
import io.atrous.network.DeepLabV3Plus;
import io.atrous.network.HashedWeights;
import io.atrous.network.NetworkGraph;
import io.atrous.network.TrainableNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The network is the seed's: with {@link HashedWeights}, its logits are those of the seed's own
 * PyTorch code. How they were made is told in {@code seed-parity.md} beside them.
 */
@Tag("slow")
class SeedParityTest {

  /** fp32 in another order of summation. */
  private static final Tolerance EAGER = new Tolerance(1e-5, 1e-4);

  /** Batch norm folded into the weights rounds them anew. */
  private static final Tolerance COMPILED = new Tolerance(1e-4, 1e-3);

  private static Safetensors fixture;

  /**
   * How near is equal.
   *
   * @param relative bound on {@code ‖a − b‖₂ / ‖b‖₂}
   * @param worst bound on {@code max|a − b| / max|b|}
   */
  private record Tolerance(double relative, double worst) {}

  /**
   * A network that the seed's code was run as.
   *
   * @param label what its cases' names begin with
   */
  private record Network(String label, NetworkSpec spec) {

    static Network resNet101(int outputStride) {
      return new Network(
          "resnet101.os" + outputStride,
          NetworkSpec.deepLabV3Plus(List.of(3, 4, 23, 3), 64, outputStride, 256, 21));
    }

    /** Fewer blocks, and a sixteenth of each width. */
    static Network small(int outputStride) {
      return new Network(
          "small.os" + outputStride,
          NetworkSpec.deepLabV3Plus(List.of(1, 2, 3, 3), 4, outputStride, 16, 21)
              .withDecoder(new DecoderSpec(3, 16, 2)));
    }

    @Override
    public String toString() {
      return label;
    }

    HashedWeights weights() {
      return HashedWeights.of(spec);
    }

    List<Case> cases() {
      String suffix = ".logits";
      return fixture.names().stream()
          .filter(name -> name.startsWith(label) && name.endsWith(suffix))
          .map(name -> new Case(name.substring(0, name.length() - suffix.length())))
          .toList();
    }
  }

  /** What the seed computed for one image: its name ends in the image's size. */
  private record Case(String name) {

    int height() {
      return size(0);
    }

    int width() {
      return size(1);
    }

    private int size(int dimension) {
      return Integer.parseInt(name.substring(name.lastIndexOf('.') + 1).split("x", -1)[dimension]);
    }

    float[] image() {
      return HashedWeights.image(List.of(1, 3, height(), width()));
    }

    /** Of a grid that meets all four edges: [classes, rows, columns]. */
    float[] grid() {
      return fixture.values(name + ".logits");
    }

    float[] means() {
      return fixture.values(name + ".mean");
    }

    float[] norms() {
      return fixture.values(name + ".norm");
    }

    /** The same grid of whole logits [classes, H, W]. */
    float[] gridOf(float[] logits) {
      List<Integer> shape = fixture.shape(name + ".logits");
      float[] grid = new float[grid().length];
      int i = 0;
      for (int c = 0; c < shape.get(0); c++) {
        for (int row = 0; row < shape.get(1); row++) {
          int y = row * (height() - 1) / (shape.get(1) - 1);
          for (int column = 0; column < shape.get(2); column++) {
            int x = column * (width() - 1) / (shape.get(2) - 1);
            grid[i++] = logits[(c * height() + y) * width() + x];
          }
        }
      }
      return grid;
    }
  }

  @BeforeAll
  static void readFixture() throws IOException {
    String name = "seed-parity.safetensors";
    try (InputStream in = SeedParityTest.class.getResourceAsStream(name)) {
      fixture = Safetensors.parse(name, ByteBuffer.wrap(Objects.requireNonNull(in).readAllBytes()));
    }
    assertThat(networks()).allSatisfy(network -> assertThat(network.cases()).hasSize(3));
  }

  static Stream<Network> networks() {
    return Stream.of(
        Network.small(16), Network.small(8), Network.resNet101(16), Network.resNet101(8));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void theWeightsAreTheSameToTheLastBit(Network network) {
    assertThat("%08x".formatted(network.weights().checksum()))
        .isEqualTo(fixture.metadata().get(network.label() + ".weights"));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void asBlocksItComputesTheSeedsLogits(Network network) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TrainableNetwork trainable =
            TrainableNetwork.of(network.spec(), manager, network.weights().tensors())) {
      for (Case expected : network.cases()) {
        assertEqual(logits(manager, expected, x -> trainable.logits(x, false)), expected, EAGER);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compiledNetworks")
  void compiledItComputesTheSeedsLogits(Network network, NetworkRuntime runtime)
      throws IOException {
    try (ReadyNetwork ready = ready(network, runtime)) {
      for (Case expected : network.cases()) {
        float[] logits = ready.logits(expected.image(), 1, expected.height(), expected.width());
        assertEqual(logits, expected, COMPILED);
      }
    }
  }

  static Stream<Arguments> compiledNetworks() {
    return networks()
        .flatMap(
            network ->
                NetworkRuntimes.wide().stream().map(runtime -> Arguments.of(network, runtime)));
  }

  /** Otherwise the comparisons above would prove little. */
  @ParameterizedTest
  @MethodSource("otherNetworks")
  void noOtherStructureComputesTheSeedsLogits(NetworkSpec spec) {
    Case expected = new Case("small.os8.321x297");
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TrainableNetwork trainable =
            TrainableNetwork.of(spec, manager, HashedWeights.of(spec).tensors())) {
      float[] logits = logits(manager, expected, x -> trainable.logits(x, false));

      assertThat(relativeError(expected.gridOf(logits), expected.grid()))
          .isGreaterThan(10 * COMPILED.relative());
    }
  }

  /** The seed's network but for one number, with the same weights. */
  static Stream<Named<NetworkSpec>> otherNetworks() {
    NetworkSpec seed = Network.small(8).spec();
    List<Named<NetworkSpec>> others = new ArrayList<>();
    others.add(Named.of("corners not aligned", seed.withAlignCorners(false)));
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < seed.stages().get(stage).size(); block++) {
        others.add(
            Named.of(
                "dilation in layer%d.%d".formatted(stage + 1, block),
                redilated(seed, stage, block)));
      }
    }
    for (int branch = 1; branch < 4; branch++) {
      others.add(Named.of("rate of aspp" + (branch + 1), rerated(seed, branch)));
    }
    return others.stream();
  }

  private static NetworkSpec redilated(NetworkSpec seed, int stage, int block) {
    List<List<BlockSpec>> stages = new ArrayList<>();
    seed.stages().forEach(blocks -> stages.add(new ArrayList<>(blocks)));
    BlockSpec old = stages.get(stage).get(block);
    stages.get(stage).set(block, new BlockSpec(old.stride(), old.dilation() + 1));
    return with(seed, stages, seed.aspp().rates());
  }

  private static NetworkSpec rerated(NetworkSpec seed, int branch) {
    List<Integer> rates = new ArrayList<>(seed.aspp().rates());
    rates.set(branch, rates.get(branch) / 2);
    return with(seed, seed.stages(), rates);
  }

  private static NetworkSpec with(
      NetworkSpec seed, List<List<BlockSpec>> stages, List<Integer> rates) {
    return new NetworkSpec(
        seed.inputChannels(),
        seed.classes(),
        seed.stem(),
        seed.block(),
        seed.baseWidth(),
        stages,
        new AsppSpec(rates, seed.aspp().channels(), seed.aspp().refinements()),
        seed.decoder(),
        seed.alignCorners());
  }

  private static ReadyNetwork ready(Network network, NetworkRuntime runtime) throws IOException {
    HashedWeights weights = network.weights();
    NetworkGraph graph = new NetworkGraph();
    return runtime.ready(
        graph,
        new DeepLabV3Plus(network.spec()).coarseLogits(graph, graph.input()),
        network.spec().alignCorners(),
        unit -> BatchNormFolding.fold(unit, weights::tensor));
  }

  private static float[] logits(
      NDManager manager, Case expected, Function<NDArray, NDArray> network) {
    try (NDManager step = manager.newSubManager()) {
      Shape shape = new Shape(1, 3, expected.height(), expected.width());
      NDArray logits = network.apply(step.create(expected.image(), shape));
      assertThat(logits.getShape())
          .isEqualTo(new Shape(1, expected.means().length, expected.height(), expected.width()));
      return logits.toFloatArray();
    }
  }

  private static void assertEqual(float[] logits, Case expected, Tolerance tolerance) {
    float[] grid = expected.gridOf(logits);
    assertThat(relativeError(grid, expected.grid()))
        .as("relative error of %s", expected.name())
        .isLessThanOrEqualTo(tolerance.relative());
    assertThat(greatest(difference(grid, expected.grid())) / greatest(expected.grid()))
        .as("worst error of %s", expected.name())
        .isLessThanOrEqualTo(tolerance.worst());
    assertSums(logits, expected, tolerance);
  }

  /** Means and norms see every pixel: they may differ by as much as the pixels may. */
  private static void assertSums(float[] logits, Case expected, Tolerance tolerance) {
    int pixels = expected.height() * expected.width();
    for (int c = 0; c < expected.means().length; c++) {
      double sum = 0;
      double squares = 0;
      for (int i = c * pixels; i < (c + 1) * pixels; i++) {
        sum += logits[i];
        squares += (double) logits[i] * logits[i];
      }
      double norm = expected.norms()[c];
      assertThat(Math.abs(sum / pixels - expected.means()[c]))
          .as("mean of class %d of %s", c, expected.name())
          .isLessThanOrEqualTo(tolerance.relative() * norm / Math.sqrt(pixels));
      assertThat(Math.abs(Math.sqrt(squares) - norm))
          .as("norm of class %d of %s", c, expected.name())
          .isLessThanOrEqualTo(tolerance.relative() * norm);
    }
  }

  private static double relativeError(float[] actual, float[] expected) {
    return norm(difference(actual, expected)) / norm(expected);
  }

  private static float[] difference(float[] actual, float[] expected) {
    float[] difference = new float[expected.length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = actual[i] - expected[i];
    }
    return difference;
  }

  private static double norm(float[] values) {
    return Math.sqrt(
        IntStream.range(0, values.length).mapToDouble(i -> (double) values[i] * values[i]).sum());
  }

  private static double greatest(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])).max().orElse(0);
  }
}
