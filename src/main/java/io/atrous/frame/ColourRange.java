package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;

/**
 * Which of the 256 values of a byte stand for black and white.
 *
 * <p>The names are those of the wire contract's {@code ColorRange}.
 */
public enum ColourRange {
  /** Luma from 16 to 235, chroma from 16 to 240: what video standards ask for. */
  LIMITED(16, 219, 224),
  /** All of them, as in JPEG and in most webcams. */
  FULL(0, 255, 255);

  private final int black;
  private final int lumaSteps;
  private final int chromaSteps;

  ColourRange(int black, int lumaSteps, int chromaSteps) {
    this.black = black;
    this.lumaSteps = lumaSteps;
    this.chromaSteps = chromaSteps;
  }

  /**
   * Returns the range of that name.
   *
   * @throws FrameRejectedException {@code UNSUPPORTED_ENCODING} if there is none
   */
  public static ColourRange named(String name) throws FrameRejectedException {
    for (ColourRange range : values()) {
      if (range.name().equals(name)) {
        return range;
      }
    }
    throw new FrameRejectedException(
        Reason.UNSUPPORTED_ENCODING, "the frame's colour range is not known here");
  }

  /** Returns the luma of black. */
  int black() {
    return black;
  }

  /** Returns the steps of luma from black to white. */
  int lumaSteps() {
    return lumaSteps;
  }

  /** Returns the steps of chroma from one end to the other. */
  int chromaSteps() {
    return chromaSteps;
  }
}
