package io.atrous.frame;

import io.atrous.model.ResizePolicy;

/**
 * Maps frames of one size to the network's input: the frame's content fills the top left {@link
 * #contentWidth} x {@link #contentHeight} pixels, and the rest of the input is padding.
 *
 * <p>A mask covers the content alone, so its edges are the frame's edges. Mask pixel (i, j) covers
 * the frame's pixels [j·W/w, (j+1)·W/w) × [i·H/h, (i+1)·H/h).
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param frameWidth the frame's pixels across, after the orientation was applied
 * @param frameHeight the frame's pixels down, after the orientation was applied
 * @param orientation the orientation of the stored frame that was applied to it
 */
public record FrameGeometry(
    int frameWidth,
    int frameHeight,
    int inputWidth,
    int inputHeight,
    ResizePolicy policy,
    Orientation orientation) {

  /** Creates the geometry of frames that are taken as they are stored. */
  public FrameGeometry(
      int frameWidth, int frameHeight, int inputWidth, int inputHeight, ResizePolicy policy) {
    this(frameWidth, frameHeight, inputWidth, inputHeight, policy, Orientation.TOP_LEFT);
  }

  public FrameGeometry {
    if (frameWidth < 1 || frameHeight < 1) {
      throw new IllegalArgumentException("impossible frame size " + frameWidth + "x" + frameHeight);
    }
    if (inputWidth < 1 || inputHeight < 1) {
      throw new IllegalArgumentException("impossible input size " + inputWidth + "x" + inputHeight);
    }
  }

  /** Returns the geometry of a frame to which that orientation was applied. */
  FrameGeometry turned(Orientation applied) {
    return new FrameGeometry(frameWidth, frameHeight, inputWidth, inputHeight, policy, applied);
  }

  /** Returns the width of the content, and so of the mask, in pixels of the input. */
  public int contentWidth() {
    return fillsHeight() ? scaled(frameWidth, inputHeight, frameHeight, inputWidth) : inputWidth;
  }

  /** Returns the height of the content, and so of the mask, in pixels of the input. */
  public int contentHeight() {
    return fillsWidth() ? scaled(frameHeight, inputWidth, frameWidth, inputHeight) : inputHeight;
  }

  /** Converts a mask's x to the frame's; pixel edges are integers, centres lie at a half. */
  public double toFrameX(double maskX) {
    return maskX * frameWidth / contentWidth();
  }

  /** Converts a mask's y to the frame's; pixel edges are integers, centres lie at a half. */
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

  /** Returns size · numerator / denominator, rounded, but at least one pixel. */
  private static int scaled(int size, int numerator, int denominator, int most) {
    long rounded = (2L * size * numerator + denominator) / (2L * denominator);
    return (int) Math.max(1, Math.min(most, rounded));
  }
}
