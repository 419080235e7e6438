package io.atrous.frame;

import org.bytedeco.opencv.global.opencv_imgcodecs;

/**
 * The sizes at which a JPEG decoder can stop: its blocks of 8x8 pixels at 8, 4, 2 or 1 pixels a
 * side. What it leaves out are the frequencies above, so nothing aliases.
 */
enum Reduction {
  EIGHTH(8, opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8),
  QUARTER(4, opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4),
  HALF(2, opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2),
  NONE(1, 0);

  private final int divisor;
  private final int flags;

  Reduction(int divisor, int flags) {
    this.divisor = divisor;
    this.flags = flags;
  }

  /**
   * The furthest at which a frame still has twice as many pixels, across and down, as its content
   * in the input: with fewer, the shipped model sees less (docs/performance.md).
   */
  static Reduction within(FrameGeometry geometry) {
    for (Reduction reduction : values()) {
      if (reduction.of(geometry.frameWidth()) >= 2 * geometry.contentWidth()
          && reduction.of(geometry.frameHeight()) >= 2 * geometry.contentHeight()) {
        return reduction;
      }
    }
    return NONE;
  }

  /** Whether a picture is a frame at one of these sizes. */
  static boolean isOf(FrameGeometry geometry, RgbImage picture) {
    for (Reduction reduction : values()) {
      if (reduction.of(geometry.frameWidth()) == picture.width()
          && reduction.of(geometry.frameHeight()) == picture.height()) {
        return true;
      }
    }
    return false;
  }

  /** A side's pixels. */
  int of(int side) {
    return (side - 1) / divisor + 1;
  }

  /** For OpenCV's decoder, which has these bits for colours alike. */
  int flags() {
    return flags;
  }
}
