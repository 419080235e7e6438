package io.atrous.mask;

/** Confidences as bytes: round(255 * probability). */
final class Confidence {

  private Confidence() {}

  static int sum(byte[] confidences, int from, int to) {
    int sum = 0;
    for (int at = from; at < to; at++) {
      sum += confidences[at] & 0xFF;
    }
    return sum;
  }

  /** Returns the mean as a probability, 0 to 1. */
  static float mean(long sum, long count) {
    return (float) (sum / (255.0 * count));
  }
}
