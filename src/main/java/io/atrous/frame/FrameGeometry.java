package io.atrous.frame;

import io.atrous.model.ResizePolicy;

/**
 * How one size of frame lies in the network's input: its content fills the top left {@link
 * #contentWidth} x {@link #contentHeight} pixels, and what is left of the input is padding.
 *
 * <p>A mask is what the network says of the content alone, so its edges are the frame's edges. Mask
 * pixel (i, j) covers the frame's pixels [j·W/w, (j+1)·W/w) × [i·H/h, (i+1)·H/h).
 *
 * <p><b>Threading:</b> immutable.
 */
public record FrameGeometry(
    int frameWidth, int frameHeight, int inputWidth, int inputHeight, ResizePolicy policy) {

  public FrameGeometry {
    if (frameWidth < 1 || frameHeight < 1) {
      throw new IllegalArgumentException("impossible frame size " + frameWidth + "x" + frameHeight);
    }
    if (inputWidth < 1 || inputHeight < 1) {
      throw new IllegalArgumentException("impossible input size " + inputWidth + "x" + inputHeight);
    }
  }

  /** The content's, and so the mask's, pixels across. */
  public int contentWidth() {
    return fillsHeight() ? scaled(frameWidth, inputHeight, frameHeight, inputWidth) : inputWidth;
  }

  /** The content's, and so the mask's, pixels down. */
  public int contentHeight() {
    return fillsWidth() ? scaled(frameHeight, inputWidth, frameWidth, inputHeight) : inputHeight;
  }

  /** The frame's x of a mask's x; pixel edges are integers, centres lie at a half. */
  public double toFrameX(double maskX) {
    return maskX * frameWidth / contentWidth();
  }

  /** The frame's y of a mask's y. */
  public double toFrameY(double maskY) {
    return maskY * frameHeight / contentHeight();
  }

  private boolean fillsHeight() {
    return policy == ResizePolicy.FIT
        && (long) frameWidth * inputHeight < (long) frameHeight * inputWidth;
  }

  private boolean fillsWidth() {
    return policy == ResizePolicy.FIT
        && (long) frameWidth * inputHeight > (long) frameHeight * inputWidth;
  }

  /** size · numerator / denominator, rounded, but at least one pixel. */
  private static int scaled(int size, int numerator, int denominator, int most) {
    long rounded = (2L * size * numerator + denominator) / (2L * denominator);
    return (int) Math.max(1, Math.min(most, rounded));
  }
}
