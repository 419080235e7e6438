package io.atrous.frame;

import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The eight ways in which a picture may be stored (EXIF, tag 0x0112), in the order of their
 * numbers. The names are the standard's: where the first row and the first column belong.
 */
public enum Orientation {
  TOP_LEFT(1, false, Mirroring.NONE),
  TOP_RIGHT(2, false, Mirroring.ACROSS),
  BOTTOM_RIGHT(3, false, Mirroring.BOTH),
  BOTTOM_LEFT(4, false, Mirroring.DOWN),
  LEFT_TOP(5, true, Mirroring.NONE),
  RIGHT_TOP(6, true, Mirroring.ACROSS),
  RIGHT_BOTTOM(7, true, Mirroring.BOTH),
  LEFT_BOTTOM(8, true, Mirroring.DOWN);

  /** The flip after rows have become columns, if they do. */
  private enum Mirroring {
    NONE(0),
    ACROSS(1),
    DOWN(0),
    BOTH(-1);

    private final int flipCode;

    Mirroring(int flipCode) {
      this.flipCode = flipCode;
    }
  }

  private final int number;
  private final boolean transposed;
  private final Mirroring mirroring;

  Orientation(int number, boolean transposed, Mirroring mirroring) {
    this.number = number;
    this.transposed = transposed;
    this.mirroring = mirroring;
  }

  /** Returns the orientation of an EXIF number; any other than 1 to 8 says nothing. */
  static Orientation numbered(long number) {
    for (Orientation orientation : values()) {
      if (orientation.number == number) {
        return orientation;
      }
    }
    return TOP_LEFT;
  }

  /** Returns the number in EXIF, 1 to 8. */
  public int number() {
    return number;
  }

  /** Returns whether the stored width is the height of the upright picture. */
  boolean swapsSides() {
    return transposed;
  }

  /**
   * Turns a stored picture upright.
   *
   * @param upright receives it; has the memory of the stored one unless {@link #swapsSides}
   */
  void apply(Mat stored, Mat upright) {
    if (transposed) {
      opencv_core.transpose(stored, upright);
    }
    if (mirroring != Mirroring.NONE) {
      opencv_core.flip(upright, upright, mirroring.flipCode);
    }
  }
}
