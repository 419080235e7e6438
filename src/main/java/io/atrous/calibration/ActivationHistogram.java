package io.atrous.calibration;

import java.nio.FloatBuffer;

/**
 * How often numbers of each magnitude occurred in a tensor. Zero is not counted among the others,
 * since every scale stores it exactly.
 *
 * <p><b>Threading:</b> not thread-safe.
 */
final class ActivationHistogram {

  private static final int BINS = 4096;

  private final long[] counts = new long[BINS];
  private final int levels;
  private double limit = Float.MIN_NORMAL;
  private float greatest;
  private long numbers;

  /**
   * An empty one.
   *
   * @param levels the greatest whole number that a magnitude is stored as
   */
  ActivationHistogram(int levels) {
    this.levels = levels;
  }

  /** Adds numbers. */
  void add(FloatBuffer added) {
    numbers += added.remaining();
    while (added.hasRemaining()) {
      float magnitude = Math.min(Math.abs(added.get()), Float.MAX_VALUE);
      if (magnitude > 0) {
        add(magnitude);
      }
    }
  }

  private void add(float magnitude) {
    greatest = Math.max(greatest, magnitude);
    while (magnitude >= limit) {
      widen();
    }
    counts[(int) (magnitude / limit * BINS)]++;
  }

  /** Doubles the range: two bins become one. */
  private void widen() {
    for (int bin = 0; bin < BINS; bin++) {
      counts[bin] = 2 * bin < BINS ? counts[2 * bin] + counts[2 * bin + 1] : 0;
    }
    limit *= 2;
  }

  /** Returns the greatest whole number that a magnitude is stored as. */
  int levels() {
    return levels;
  }

  /** Returns the greatest magnitude. */
  float greatest() {
    return greatest;
  }

  /** Returns the magnitude that a share of all numbers, zeros included, does not exceed. */
  double percentile(double share) {
    double beyond = (1 - share) * numbers;
    int bin = BINS;
    for (double seen = 0; bin > 0 && seen <= beyond; bin--) {
      seen += counts[bin - 1];
    }
    return Math.min(greatest, (bin + 1) * limit / BINS);
  }

  /** Returns the sum of the squared errors of all numbers when they are stored with a scale. */
  double squaredError(double scale) {
    double sum = 0;
    for (int bin = 0; bin < BINS; bin++) {
      if (counts[bin] > 0) {
        double magnitude = (bin + 0.5) * limit / BINS;
        double error = magnitude - scale * Math.min(levels, Math.rint(magnitude / scale));
        sum += counts[bin] * error * error;
      }
    }
    return sum;
  }
}
