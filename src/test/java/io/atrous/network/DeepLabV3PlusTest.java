package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.StemType;
import io.atrous.network.NetworkGraph.AddRelu;
import io.atrous.network.NetworkGraph.Concat;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.GlobalAveragePool;
import io.atrous.network.NetworkGraph.MaxPool;
import io.atrous.network.NetworkGraph.Resize;
import io.atrous.network.NetworkGraph.Step;
import io.atrous.network.NetworkGraph.Value;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graph against the seed's: what is wired to what. */
class DeepLabV3PlusTest {

  private static final String BACKBONE = "resnet_features.";

  private static NetworkSpec small(int outputStride) {
    return NetworkSpec.deepLabV3Plus(List.of(1, 2, 2, 3), 8, outputStride, 16, 5);
  }

  @Test
  void joinsTheBranchesInTheirOrderAndThenTheImagePooling() {
    NetworkGraph graph = graph(small(16));

    assertThat(inputsOf(graph, "conv1"))
        .containsExactly(
            "aspp1.atrous_convolution",
            "aspp2.atrous_convolution",
            "aspp3.atrous_convolution",
            "aspp4.atrous_convolution",
            "resize(global_avg_pool.1)");
    assertThat(inputsOf(graph, "global_avg_pool.1"))
        .containsExactly("average(add(" + BACKBONE + "layer4.2.conv3))");
  }

  @Test
  void joinsTheContextAndThenTheLowLevelFeatures() {
    assertThat(inputsOf(graph(small(16)), "last_conv.0")).containsExactly("resize(conv1)", "conv2");
  }

  @Test
  void takesLowLevelFeaturesFromTheFirstStage() {
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(3, 1, 1, 1), 8, 16, 16, 5);

    assertThat(inputsOf(graph(spec), "conv2"))
        .containsExactly("add(" + BACKBONE + "layer1.2.conv3)");
  }

  @Test
  void theFirstBlockOfAStageAddsItsShortcutAndTheOthersTheirInput() {
    NetworkGraph graph = graph(small(16));

    assertThat(residuals(graph))
        .containsExactly(
            BACKBONE + "layer1.0.downsample.0",
            BACKBONE + "layer2.0.downsample.0",
            "add(" + BACKBONE + "layer2.0.conv3)",
            BACKBONE + "layer3.0.downsample.0",
            "add(" + BACKBONE + "layer3.0.conv3)",
            BACKBONE + "layer4.0.downsample.0",
            "add(" + BACKBONE + "layer4.0.conv3)",
            "add(" + BACKBONE + "layer4.1.conv3)");
  }

  @ParameterizedTest
  @CsvSource({
    // Strides and dilations of the 3×3 convolutions, block by block.
    "16, 1/1 2/1 1/1 2/1 1/1 1/2 1/4 1/8, 1 6 12 18",
    "8, 1/1 2/1 1/1 1/2 1/1 1/2 1/4 1/2, 1 12 24 36",
  })
  void stridesDilationsAndRatesAreTheSeeds(int outputStride, String blocks, String rates) {
    List<ConvUnit> units = units(graph(small(outputStride)));

    assertThat(
            units.stream()
                .filter(unit -> unit.name().matches(".*layer\\d\\.\\d\\.conv2"))
                .map(unit -> unit.stride() + "/" + unit.dilation()))
        .containsExactly(blocks.split(" "));
    assertThat(
            units.stream()
                .filter(unit -> unit.name().startsWith("aspp"))
                .map(unit -> String.valueOf(unit.dilation())))
        .containsExactly(rates.split(" "));
  }

  @Test
  void theStrideIsOfTheBlocksMiddleConvolutionAndOfTheShortcut() {
    assertThat(units(graph(small(16))).stream().filter(unit -> unit.stride() == 2))
        .extracting(ConvUnit::name)
        .containsExactly(
            BACKBONE + "conv1",
            BACKBONE + "layer2.0.conv2",
            BACKBONE + "layer2.0.downsample.0",
            BACKBONE + "layer3.0.conv2",
            BACKBONE + "layer3.0.downsample.0");
  }

  @Test
  void everyUnitButShortcutsBlockEndsAndTheClassifierEndsInARelu() {
    assertThat(units(graph(small(16))))
        .allSatisfy(
            unit ->
                assertThat(unit.relu())
                    .as(unit.name())
                    .isEqualTo(
                        !unit.name().endsWith("conv3")
                            && !unit.name().contains("downsample")
                            && !unit.name().equals("last_conv.6")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyResizeAlignsCornersAsTheSpecificationSays(boolean alignCorners) {
    NetworkSpec spec = small(16);
    NetworkGraph graph = graph(spec.withAlignCorners(alignCorners));

    assertThat(graph.steps().stream().filter(Resize.class::isInstance).map(Resize.class::cast))
        .hasSize(3)
        .allMatch(resize -> resize.alignCorners() == alignCorners);
  }

  /** No tensor is used twice, and nothing is computed that the logits don't depend on. */
  @ParameterizedTest
  @MethodSource("io.atrous.network.TinyNetworks#all")
  void usesEveryTensorExactlyOnce(NetworkSpec spec) {
    NetworkGraph graph = graph(spec);

    assertThat(units(graph).stream().flatMap(unit -> unit.parameters().stream()))
        .containsExactlyElementsOf(CostModel.parametersOf(spec))
        .extracting(ParameterSpec::name)
        .doesNotHaveDuplicates();
    int last = graph.steps().size() - 1;
    assertThat(
            graph.steps().stream()
                .flatMap(step -> step.operands().stream())
                .map(Value::index)
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, last).boxed().toList());
  }

  @Test
  void withoutADecoderTheClassifierFollowsTheAspp() {
    NetworkSpec spec = small(16);
    NetworkGraph graph = graph(spec.withDecoder(null));

    assertThat(inputsOf(graph, "last_conv.0")).containsExactly("conv1");
    assertThat(units(graph)).extracting(ConvUnit::name).doesNotContain("conv2");
  }

  @ParameterizedTest
  @CsvSource({
    // Parameters of torchvision's networks less their classifiers' 1000 · (features + 1).
    "BASIC, 2 2 2 2, 11176512",
    "BASIC, 3 4 6 3, 21284672",
    "BOTTLENECK, 3 4 6 3, 23508032",
    "BOTTLENECK, 3 4 23 3, 42500160",
    "BOTTLENECK, 3 8 36 3, 58143808",
  })
  void backbonesHaveAsManyParametersAsThePublishedOnes(
      BlockType type, String blocks, long parameters) {
    List<Integer> counts = List.of(blocks.split(" ")).stream().map(Integer::valueOf).toList();
    NetworkSpec seed = small(16);
    NetworkSpec spec =
        new NetworkSpec(
            3,
            5,
            StemType.PLAIN,
            type,
            64,
            IntStream.range(0, 4)
                .mapToObj(
                    stage ->
                        IntStream.range(0, counts.get(stage))
                            .mapToObj(i -> new BlockSpec(i == 0 && stage > 0 ? 2 : 1, 1))
                            .toList())
                .toList(),
            seed.aspp(),
            seed.decoder(),
            true);

    assertThat(
            CostModel.of(spec, 65, 65)
                .parameters(layer -> layer.unit().name().startsWith(BACKBONE)))
        .isEqualTo(parameters);
  }

  private static NetworkGraph graph(NetworkSpec spec) {
    NetworkGraph graph = new NetworkGraph();
    new DeepLabV3Plus(spec).logits(graph, graph.input());
    return graph;
  }

  private static List<ConvUnit> units(NetworkGraph graph) {
    return graph.steps().stream()
        .filter(Convolution.class::isInstance)
        .map(step -> ((Convolution) step).unit())
        .toList();
  }

  private static List<String> residuals(NetworkGraph graph) {
    return graph.steps().stream()
        .filter(AddRelu.class::isInstance)
        .map(step -> describe(graph, ((AddRelu) step).residual()))
        .toList();
  }

  /** What a convolution reads; what is joined before it, one by one. */
  private static List<String> inputsOf(NetworkGraph graph, String name) {
    Convolution convolution =
        graph.steps().stream()
            .filter(Convolution.class::isInstance)
            .map(Convolution.class::cast)
            .filter(step -> step.unit().name().equals(name))
            .findFirst()
            .orElseThrow();
    Step input = graph.steps().get(convolution.input().index());
    List<Value> values =
        input instanceof Concat concat ? concat.inputs() : List.of(convolution.input());
    return values.stream().map(value -> describe(graph, value)).toList();
  }

  /** A value by the convolution that it comes from. */
  private static String describe(NetworkGraph graph, Value value) {
    Step step = graph.steps().get(value.index());
    if (step instanceof Convolution convolution) {
      return convolution.unit().name();
    }
    String name =
        step instanceof AddRelu
            ? "add"
            : step instanceof Resize
                ? "resize"
                : step instanceof GlobalAveragePool
                    ? "average"
                    : step instanceof MaxPool ? "max" : "concat";
    return name + "(" + describe(graph, step.operands().get(0)) + ")";
  }
}
