package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.model.ResizePolicy;
import java.nio.ByteBuffer;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class FrameResizerTest {

  private static final int FILL = 0x7C7469;

  /** Of the sides before sampling, of samples and of their means, and of fixed-point weights. */
  private static final double ROUNDING = 2;

  private final FrameResizer resizer = new FrameResizer(FILL);

  @Test
  void agreesWithAPlainImplementationForRandomSizes() {
    Random random = new Random(3);
    for (int round = 0; round < 400; round++) {
      RgbImage frame = Pictures.noise(1 + random.nextInt(150), 1 + random.nextInt(150), random);
      ResizePolicy policy = random.nextBoolean() ? ResizePolicy.FIT : ResizePolicy.STRETCH;
      FrameGeometry geometry =
          new FrameGeometry(
              frame.width(),
              frame.height(),
              1 + random.nextInt(100),
              1 + random.nextInt(100),
              policy);

      RgbImage input = resize(frame, geometry);

      assertThat(largestError(input, frame, geometry, FrameResizerTest::sampled))
          .as(geometry.toString())
          .isLessThan(ROUNDING);
    }
  }

  @Test
  void padsRightAndBottomWithTheFill() {
    for (int[] size : new int[][] {{64, 16}, {16, 64}, {1, 40}, {40, 1}}) {
      RgbImage frame = Pictures.noise(size[0], size[1], new Random(4));
      FrameGeometry geometry = new FrameGeometry(size[0], size[1], 33, 31, ResizePolicy.FIT);

      RgbImage input = resize(frame, geometry);

      for (int y = 0; y < 31; y++) {
        for (int x = 0; x < 33; x++) {
          if (x >= geometry.contentWidth() || y >= geometry.contentHeight()) {
            assertThat(input.rgb(x, y)).isEqualTo(FILL);
          }
        }
      }
    }
  }

  @Test
  void leavesAFrameOfTheInputsSizeAsItIs() {
    RgbImage frame = Pictures.noise(50, 40, new Random(5));

    RgbImage input = resize(frame, new FrameGeometry(50, 40, 50, 40, ResizePolicy.FIT));

    assertThat(Pictures.bytes(input)).isEqualTo(Pictures.bytes(frame));
  }

  @Test
  void takesTheMeanOfTwoSamplesOfWhatAPixelCovers() {
    // Three pixels into two. The first covers 0 to 1½, so its samples are at ⅜ and 1⅛ where pixel
    // centres are at ½, 1½, 2½: 0 before the first centre, and 90·⅝ = 56.
    RgbImage frame = RgbImage.allocate(3, 1);
    frame.setRgb(1, 0, 0x5A5A5A);
    frame.setRgb(2, 0, 0xFFFFFF);

    RgbImage input = resize(frame, new FrameGeometry(3, 1, 2, 1, ResizePolicy.STRETCH));

    assertThat(input.rgb(0, 0)).isEqualTo(0x1C1C1C);
    assertThat(input.rgb(1, 0)).isEqualTo(0xCCCCCC); // (90·⅝ + 255·⅜ + 255) / 2 = 203½
  }

  @Test
  void isCloseToTheMeanOfAllThatAPixelCoversWherePicturesAreSmooth() {
    Random random = new Random(6);
    for (int round = 0; round < 100; round++) {
      RgbImage frame = Pictures.gradient(20 + random.nextInt(200), 20 + random.nextInt(200));
      FrameGeometry geometry =
          new FrameGeometry(
              frame.width(),
              frame.height(),
              10 + random.nextInt(40),
              10 + random.nextInt(40),
              ResizePolicy.FIT);

      RgbImage input = resize(frame, geometry);

      assertThat(largestError(input, frame, geometry, FrameResizerTest::covered))
          .as(geometry.toString())
          .isLessThan(ROUNDING + 2);
    }
  }

  @Test
  void leavesNoNativeMemoryBehind() {
    RgbImage frame = Pictures.gradient(90, 30);
    FrameGeometry geometry = new FrameGeometry(90, 30, 40, 60, ResizePolicy.STRETCH);
    resize(frame, geometry);
    long before = Pointer.totalCount();

    for (int round = 0; round < 100; round++) {
      resize(frame, geometry);
    }

    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  @Test
  void refusesASlotOrAFrameOfAnotherSize() {
    RgbImage frame = RgbImage.allocate(4, 4);
    FrameGeometry geometry = new FrameGeometry(4, 4, 8, 8, ResizePolicy.FIT);

    assertThatThrownBy(() -> resizer.resize(frame, geometry, ByteBuffer.allocateDirect(191)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> resizer.resize(frame, geometry, ByteBuffer.allocate(192)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> resizer.resize(RgbImage.allocate(5, 4), geometry, ByteBuffer.allocateDirect(192)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5x4");
  }

  @Test
  void aFrameDecodedAtAFractionOfItsSizeLiesWhereTheWholeOneWould() {
    FrameGeometry geometry = new FrameGeometry(401, 203, 90, 60, ResizePolicy.FIT);

    RgbImage whole = resize(Pictures.gradient(401, 203), geometry);
    RgbImage half = resize(Pictures.gradient(201, 102), geometry);

    assertThat(Pictures.largestDifference(whole, half)).isLessThanOrEqualTo(3);
  }

  private RgbImage resize(RgbImage frame, FrameGeometry geometry) {
    RgbImage input = RgbImage.allocate(geometry.inputWidth(), geometry.inputHeight());
    resizer.resize(frame, geometry, input.pixels());
    return input;
  }

  /** Against both axes by the definition, in double. */
  private static double largestError(
      RgbImage input, RgbImage frame, FrameGeometry geometry, Weights weights) {
    double[][] across = weights.of(frame.width(), geometry.contentWidth());
    double[][] down = weights.of(frame.height(), geometry.contentHeight());
    double largest = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      for (int y = 0; y < geometry.contentHeight(); y++) {
        double[] row = new double[frame.width()];
        for (int sourceY = 0; sourceY < frame.height(); sourceY++) {
          if (down[y][sourceY] != 0) {
            for (int sourceX = 0; sourceX < frame.width(); sourceX++) {
              row[sourceX] += down[y][sourceY] * (frame.rgb(sourceX, sourceY) >> shift & 0xFF);
            }
          }
        }
        for (int x = 0; x < geometry.contentWidth(); x++) {
          double expected = 0;
          for (int sourceX = 0; sourceX < frame.width(); sourceX++) {
            expected += across[x][sourceX] * row[sourceX];
          }
          largest = Math.max(largest, Math.abs(expected - (input.rgb(x, y) >> shift & 0xFF)));
        }
      }
    }
    return largest;
  }

  /** Two samples per pixel of an axis that shrinks, of a side that is less than four times it. */
  private static double[][] sampled(int source, int target) {
    if (target >= source) {
      return interpolated(source, target);
    }
    int near = source;
    while (near >= 4 * target) {
      near = (near + 1) / 2;
    }
    double[][] before = covered(source, near);
    double[][] samples = interpolated(near, 2 * target);
    double[][] weights = new double[target][source];
    for (int i = 0; i < 2 * target; i++) {
      for (int n = 0; n < near; n++) {
        for (int s = 0; samples[i][n] != 0 && s < source; s++) {
          weights[i / 2][s] += samples[i][n] * before[n][s] / 2;
        }
      }
    }
    return weights;
  }

  /** The mean of all that a pixel covers, on an axis that shrinks. */
  private static double[][] covered(int source, int target) {
    if (target >= source) {
      return interpolated(source, target);
    }
    double[][] weights = new double[target][source];
    double scale = (double) source / target;
    for (int i = 0; i < target; i++) {
      for (int s = 0; s < source; s++) {
        double covered = Math.min(s + 1, (i + 1) * scale) - Math.max(s, i * scale);
        weights[i][s] = Math.max(0, covered) / scale;
      }
    }
    return weights;
  }

  private static double[][] interpolated(int source, int target) {
    double[][] weights = new double[target][source];
    double scale = (double) source / target;
    for (int i = 0; i < target; i++) {
      double centre = Math.min(source - 1, Math.max(0, (i + 0.5) * scale - 0.5));
      int lower = (int) centre;
      weights[i][lower] += 1 - (centre - lower);
      if (lower + 1 < source) {
        weights[i][lower + 1] += centre - lower;
      }
    }
    return weights;
  }

  /** The share of each source pixel in each target pixel of one axis. */
  private interface Weights {
    double[][] of(int source, int target);
  }
}
