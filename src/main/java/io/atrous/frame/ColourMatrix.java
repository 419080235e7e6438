package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;

/**
 * How luma and chroma are made from red, green and blue (ITU-T H.273, matrix coefficients).
 *
 * <p>The names are those of the wire contract's {@code ColorMatrix}.
 */
public enum ColourMatrix {
  BT601(0.299, 0.114),
  BT709(0.2126, 0.0722);

  private final double red;
  private final double blue;

  /**
   * @param red the share of red in the luma
   * @param blue the share of blue in the luma
   */
  ColourMatrix(double red, double blue) {
    this.red = red;
    this.blue = blue;
  }

  /**
   * Returns the matrix of that name.
   *
   * @throws FrameRejectedException {@code UNSUPPORTED_ENCODING} if there is none
   */
  public static ColourMatrix named(String name) throws FrameRejectedException {
    for (ColourMatrix matrix : values()) {
      if (matrix.name().equals(name)) {
        return matrix;
      }
    }
    throw new FrameRejectedException(
        Reason.UNSUPPORTED_ENCODING, "the frame's colour matrix is not known here");
  }

  double red() {
    return red;
  }

  double green() {
    return 1 - red - blue;
  }

  double blue() {
    return blue;
  }
}
