package io.atrous.frame;

/**
 * Pixels across and down, as claimed; nothing checked.
 *
 * @param width below 2^32
 * @param height below 2^32
 */
record ImageSize(long width, long height) {

  /** Overflows only where a side is itself beyond any limit. */
  long pixels() {
    return width * height;
  }

  @Override
  public String toString() {
    return width + "x" + height;
  }
}
