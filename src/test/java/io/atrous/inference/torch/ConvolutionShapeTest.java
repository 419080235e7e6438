package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.model.NetworkSpec;
import io.atrous.network.ConvUnit;
import io.atrous.network.CostModel.Features;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ConvolutionShapeTest {

  private static final NetworkSpec RESNET_101 =
      NetworkSpec.deepLabV3Plus(List.of(3, 4, 23, 3), 64, 16, 256, 21);

  private final Map<ConvUnit, ConvolutionShape> shapes =
      ConvolutionShape.of(RESNET_101, 8, 513, 513);

  @Test
  void saysHowLargeWhatGoesInAndComesOutIs() {
    ConvolutionShape stem = shape("resnet_features.conv1");

    assertThat(stem.input()).isEqualTo(new Features(3, 513, 513));
    assertThat(stem.output()).isEqualTo(new Features(64, 257, 257));
    assertThat(stem.batchSize()).isEqualTo(8);
    assertThat(stem).hasToString("7x7, stride 2, dilation 1, 3 to 64 channels of 8 x 513x513");
  }

  @Test
  void isTheSameForConvolutionsThatDifferInNameAlone() {
    assertThat(shape("resnet_features.layer3.7.conv2"))
        .isEqualTo(shape("resnet_features.layer3.22.conv2"))
        .isNotEqualTo(shape("resnet_features.layer4.0.conv2"));
    // Stem, blocks, downsampling, ASPP and its projection, decoder, classifier.
    assertThat(shapes.size()).isEqualTo(1 + 3 * 33 + 4 + 5 + 1 + 3 + 1);
    assertThat(new HashSet<>(shapes.values()).size()).isBetween(30, 50);
  }

  @Test
  void addsTheResidualToTheLastConvolutionOfABlockAndToNoOther() {
    assertThat(shapes.keySet())
        .filteredOn(unit -> Objects.requireNonNull(shapes.get(unit)).residual())
        .hasSize(3 + 4 + 23 + 3)
        .allMatch(unit -> unit.name().endsWith(".conv3"));
  }

  @Test
  void hasFusedKernelsOnlyWhereAReluFollows() {
    assertThat(shape("conv1").candidates()).containsExactly(ConvolutionKernel.values());
    assertThat(shape("resnet_features.layer1.0.conv3").candidates())
        .containsExactly(ConvolutionKernel.values());
    assertThat(shape("resnet_features.layer1.0.downsample.0").candidates())
        .containsExactly(ConvolutionKernel.PLAIN, ConvolutionKernel.PLAIN_CONTIGUOUS);
    assertThat(shape("last_conv.6").candidates())
        .containsExactly(ConvolutionKernel.PLAIN, ConvolutionKernel.PLAIN_CONTIGUOUS);
  }

  private ConvolutionShape shape(String name) {
    return shapes.entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }
}
