package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.atrous.model.NetworkSpec;
import io.atrous.network.CostModel.Features;
import io.atrous.network.CostModel.Layer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published network's numbers, counted by PyTorch on the seed's code. */
class CostModelTest {

  private static NetworkSpec resNet101(int outputStride) {
    return NetworkSpec.deepLabV3Plus(List.of(3, 4, 23, 3), 64, outputStride, 256, 21);
  }

  @Test
  void countsTheParametersOfTheSeed() {
    CostModel cost = CostModel.of(resNet101(16), 513, 513);

    assertThat(cost.parameters()).isEqualTo(59_344_309);
    assertThat(cost.parameters(CostModelTest::inBackbone)).isEqualTo(42_500_160);
    assertThat(cost.parameters(CostModelTest::inAspp) / 1e6).isCloseTo(15.54, within(0.005));
    assertThat(cost.parameters(CostModelTest::inDecoder) / 1e6).isCloseTo(1.31, within(0.005));
  }

  @Test
  void bothOutputStridesShareAllWeights() {
    assertThat(CostModel.parametersOf(resNet101(8)))
        .isEqualTo(CostModel.parametersOf(resNet101(16)));
  }

  @ParameterizedTest
  @CsvSource({
    "16, 513, 513, 92.8",
    "8, 513, 513, 267.9",
    "16, 512, 1024, 177.2",
    "16, 720, 1280, 311.6"
  })
  void countsTheMultiplyAddsOfTheSeed(int outputStride, int height, int width, double giga) {
    assertThat(CostModel.of(resNet101(outputStride), height, width).multiplyAdds() / 1e9)
        .isCloseTo(giga, withinPercentage(0.1));
  }

  @Test
  void saysWhereTheMultiplyAddsAre() {
    CostModel cost = CostModel.of(resNet101(16), 513, 513);

    assertThat(cost.multiplyAdds(CostModelTest::inBackbone) / 1e9).isCloseTo(54.7, within(0.05));
    assertThat(cost.multiplyAdds(CostModelTest::inAspp) / 1e9).isCloseTo(16.3, within(0.05));
    assertThat(cost.multiplyAdds(CostModelTest::inDecoder) / 1e9).isCloseTo(21.8, within(0.05));
  }

  @ParameterizedTest
  @CsvSource({"512, 512", "513, 513", "511, 640", "1, 1", "17, 2", "97, 129"})
  void coarseLogitsAreAQuarterOfTheImageRoundedUp(int height, int width) {
    assertThat(CostModel.of(resNet101(16), height, width).coarseLogits())
        .isEqualTo(new Features(21, (height + 3) / 4, (width + 3) / 4));
  }

  @ParameterizedTest
  @CsvSource({"16", "8"})
  void withoutADecoderTheLogitsAreAtTheOutputStride(int outputStride) {
    assertThat(CostModel.of(resNet101(outputStride).withDecoder(null), 513, 257).coarseLogits())
        .isEqualTo(new Features(21, 512 / outputStride + 1, 256 / outputStride + 1));
  }

  @Test
  void theSeedHas567Tensors() {
    assertThat(CostModel.parametersOf(resNet101(16))).hasSize(567);
  }

  @Test
  void tensorsHaveTheSeedsNamesAndShapes() {
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(1, 2, 1, 1), 8, 16, 16, 5);

    assertThat(CostModel.parametersOf(spec).stream().map(p -> p.name() + " " + p.shape()))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    unit("resnet_features.conv1", "resnet_features.bn1", 8, 3, 7),
                    bottleneck("resnet_features.layer1.0", 8, 8, true),
                    bottleneck("resnet_features.layer2.0", 32, 16, true),
                    bottleneck("resnet_features.layer2.1", 64, 16, false),
                    bottleneck("resnet_features.layer3.0", 64, 32, true),
                    bottleneck("resnet_features.layer4.0", 128, 64, true),
                    unit("aspp1.atrous_convolution", "aspp1.bn", 16, 256, 1),
                    unit("aspp2.atrous_convolution", "aspp2.bn", 16, 256, 3),
                    unit("aspp3.atrous_convolution", "aspp3.bn", 16, 256, 3),
                    unit("aspp4.atrous_convolution", "aspp4.bn", 16, 256, 3),
                    unit("global_avg_pool.1", "global_avg_pool.2", 16, 256, 1),
                    unit("conv1", "bn1", 16, 80, 1),
                    unit("conv2", "bn2", 48, 32, 1),
                    unit("last_conv.0", "last_conv.1", 16, 64, 3),
                    unit("last_conv.3", "last_conv.4", 16, 16, 3),
                    Stream.of("last_conv.6.weight [5, 16, 1, 1]", "last_conv.6.bias [5]"))
                .flatMap(names -> names)
                .toList());
  }

  private static Stream<String> bottleneck(String name, int in, int planes, boolean downsample) {
    Stream<String> shortcut =
        downsample
            ? unit(name + ".downsample.0", name + ".downsample.1", 4 * planes, in, 1)
            : Stream.of();
    return Stream.of(
            unit(name + ".conv1", name + ".bn1", planes, in, 1),
            unit(name + ".conv2", name + ".bn2", planes, planes, 3),
            unit(name + ".conv3", name + ".bn3", 4 * planes, planes, 1),
            shortcut)
        .flatMap(names -> names);
  }

  private static Stream<String> unit(String conv, String norm, int out, int in, int kernel) {
    return Stream.concat(
        Stream.of(conv + ".weight " + List.of(out, in, kernel, kernel)),
        Stream.of("weight", "bias", "running_mean", "running_var")
            .map(tensor -> norm + "." + tensor + " [" + out + "]"));
  }

  private static boolean inBackbone(Layer layer) {
    return layer.unit().name().startsWith("resnet_features.");
  }

  private static boolean inDecoder(Layer layer) {
    return layer.unit().name().equals("conv2") || layer.unit().name().startsWith("last_conv.");
  }

  private static boolean inAspp(Layer layer) {
    return !inBackbone(layer) && !inDecoder(layer);
  }
}
