package io.atrous.frame;

import org.bytedeco.opencv.global.opencv_imgcodecs;

/**
 * The scales at which a JPEG decoder can decode: blocks of 8x8 pixels become 8, 4, 2 or 1 pixels a
 * side. It leaves out the higher frequencies, so nothing aliases.
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
   * Returns the strongest reduction at which a frame still has twice as many pixels, across and
   * down, as its content in the input: with fewer, the shipped model loses accuracy
   * (docs/performance.md).
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

  /** Returns whether a picture is a frame of the geometry at one of these scales. */
  static boolean isOf(FrameGeometry geometry, RgbImage picture) {
    for (Reduction reduction : values()) {
      if (reduction.of(geometry.frameWidth()) == picture.width()
          && reduction.of(geometry.frameHeight()) == picture.height()) {
        return true;
      }
    }
    return false;
  }

  /** Returns the pixels of a side at this scale, rounded up. */
  int of(int side) {
    return (side - 1) / divisor + 1;
  }

  /** Returns OpenCV's decoder flags; for colour images it gives these bits the same meaning. */
  int flags() {
    return flags;
  }
}
