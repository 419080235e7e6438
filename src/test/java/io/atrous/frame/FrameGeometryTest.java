package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.atrous.model.ResizePolicy;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FrameGeometryTest {

  // 1080 · 513 / 1920 = 288.56; 513 · 480 / 640 = 384.75.
  @ParameterizedTest
  @CsvSource({
    "1920, 1080, 513, 513, 513, 289",
    "1080, 1920, 513, 513, 289, 513",
    "640, 640, 513, 513, 513, 513",
    "640, 480, 513, 513, 513, 385",
    "100, 50, 513, 513, 513, 257",
    "1920, 1080, 512, 288, 512, 288",
    "640, 640, 512, 256, 256, 256",
    "1, 5000, 513, 513, 1, 513",
    "5000, 1, 513, 513, 513, 1",
    "1, 1, 513, 257, 257, 257",
  })
  void fitKeepsTheAspectAndAtLeastOnePixel(
      int frameWidth,
      int frameHeight,
      int inputWidth,
      int inputHeight,
      int contentWidth,
      int contentHeight) {
    FrameGeometry geometry =
        new FrameGeometry(frameWidth, frameHeight, inputWidth, inputHeight, ResizePolicy.FIT);

    assertThat(geometry.contentWidth()).isEqualTo(contentWidth);
    assertThat(geometry.contentHeight()).isEqualTo(contentHeight);
  }

  @Test
  void fitFillsOneAxisAndScalesTheOtherWithinHalfAPixel() {
    Random random = new Random(1);
    for (int round = 0; round < 10_000; round++) {
      int frameWidth = 1 + random.nextInt(4000);
      int frameHeight = 1 + random.nextInt(4000);
      int inputWidth = 1 + random.nextInt(1024);
      int inputHeight = 1 + random.nextInt(1024);
      FrameGeometry geometry =
          new FrameGeometry(frameWidth, frameHeight, inputWidth, inputHeight, ResizePolicy.FIT);
      double scale = Math.min((double) inputWidth / frameWidth, (double) inputHeight / frameHeight);

      assertThat(geometry.contentWidth()).isBetween(1, inputWidth);
      assertThat(geometry.contentHeight()).isBetween(1, inputHeight);
      assertThat(geometry.contentWidth() == inputWidth || geometry.contentHeight() == inputHeight)
          .isTrue();
      assertThat((double) geometry.contentWidth())
          .isCloseTo(Math.max(1, frameWidth * scale), within(0.5 + 1e-9));
      assertThat((double) geometry.contentHeight())
          .isCloseTo(Math.max(1, frameHeight * scale), within(0.5 + 1e-9));
    }
  }

  @Test
  void stretchFillsTheInput() {
    FrameGeometry geometry = new FrameGeometry(1920, 1080, 513, 257, ResizePolicy.STRETCH);

    assertThat(geometry.contentWidth()).isEqualTo(513);
    assertThat(geometry.contentHeight()).isEqualTo(257);
  }

  @ParameterizedTest
  @EnumSource
  void theMasksEdgesAreTheFramesEdges(ResizePolicy policy) {
    FrameGeometry geometry = new FrameGeometry(1917, 1083, 513, 321, policy);

    assertThat(geometry.toFrameX(0)).isZero();
    assertThat(geometry.toFrameY(0)).isZero();
    assertThat(geometry.toFrameX(geometry.contentWidth())).isEqualTo(1917);
    assertThat(geometry.toFrameY(geometry.contentHeight())).isEqualTo(1083);
  }

  @Test
  void refusesImpossibleSizes() {
    assertThatThrownBy(() -> new FrameGeometry(0, 5, 5, 5, ResizePolicy.FIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x5");
    assertThatThrownBy(() -> new FrameGeometry(5, 5, 5, 0, ResizePolicy.FIT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5x0");
  }
}
