package io.atrous.frame;

/**
 * The size that an image claims to have, unchecked.
 *
 * @param width the pixels across, below 2^32
 * @param height the pixels down, below 2^32
 */
public record ImageSize(long width, long height) {

  /** Returns width times height; overflows only where a side is itself beyond any limit. */
  public long pixels() {
    return width * height;
  }

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
