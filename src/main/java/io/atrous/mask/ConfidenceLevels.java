package io.atrous.mask;

import java.util.Locale;

/**
 * Confidences rounded to a few values, so that a map of them takes less: level l of n stands for
 * the byte {@code round(255 * l / (n - 1))}, and a confidence becomes the nearest of these. The map
 * keeps its meaning, and a reader needs to know nothing.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class ConfidenceLevels {

  public static final int FEWEST = 2;
  public static final int ALL = 256;

  private static final int MAX_CONFIDENCE = 255;

  private final int count;

  /** uint8 [256]: the rounded confidence of each. */
  private final byte[] rounded = new byte[ALL];

  /**
   * Levels.
   *
   * @param count {@value #FEWEST} to {@value #ALL}
   */
  public ConfidenceLevels(int count) {
    if (count < FEWEST || count > ALL) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "there can be %d to %d levels, not %d", FEWEST, ALL, count));
    }
    this.count = count;
    for (int confidence = 0; confidence < ALL; confidence++) {
      int level = divided(confidence * (count - 1), MAX_CONFIDENCE);
      rounded[confidence] = (byte) divided(MAX_CONFIDENCE * level, count - 1);
    }
  }

  /** Returns the number of levels. */
  public int count() {
    return count;
  }

  /** Returns the largest rounding error in 255ths: half a level. */
  public int largestErrorBytes() {
    int largest = 0;
    for (int confidence = 0; confidence < ALL; confidence++) {
      largest = Math.max(largest, Math.abs(confidence - (rounded[confidence] & 0xFF)));
    }
    return largest;
  }

  /** A map of rounded confidences; the map itself if there are all levels. */
  public Mask round(Mask confidences) {
    if (count == ALL) {
      return confidences;
    }
    byte[] values = confidences.values();
    byte[] levels = new byte[values.length];
    for (int at = 0; at < values.length; at++) {
      levels[at] = rounded[values[at] & 0xFF];
    }
    return new Mask(confidences.width(), confidences.height(), levels);
  }

  /** Rounded to the nearest, and up from a half. */
  private static int divided(int dividend, int divisor) {
    return (2 * dividend + divisor) / (2 * divisor);
  }
}
