package io.atrous.frame;

/** The meaning of a frame's luma and chroma; other frames have none. */
public record YuvColour(ColourRange range, ColourMatrix matrix) {

  /** BT.601 in limited range: what cameras mean that say nothing. */
  public static final YuvColour DEFAULT = new YuvColour(ColourRange.LIMITED, ColourMatrix.BT601);
}
