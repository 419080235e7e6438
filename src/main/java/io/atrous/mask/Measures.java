package io.atrous.mask;

import java.util.Arrays;

/**
 * Sums over components, in mask pixels.
 *
 * <p><b>Threading:</b> confined to its owner; memory is kept from mask to mask.
 */
final class Measures {

  private int[] firstRun = new int[0];
  private int[] area = new int[0];
  private int[] left = new int[0];
  private int[] right = new int[0];
  private int[] bottom = new int[0];
  private double[] sumX = new double[0];
  private double[] sumY = new double[0];
  private long[] confidenceSum = new long[0];

  /** Forgets everything and begins that many components. */
  void begin(int count) {
    if (area.length < count) {
      int capacity = Math.max(count, 2 * area.length);
      firstRun = new int[capacity];
      area = new int[capacity];
      left = new int[capacity];
      right = new int[capacity];
      bottom = new int[capacity];
      sumX = new double[capacity];
      sumY = new double[capacity];
      confidenceSum = new long[capacity];
    }
    Arrays.fill(area, 0, count, 0);
  }

  /**
   * Adds a run, runs coming in row order.
   *
   * @param confidenceOfRun the sum of its confidences
   */
  void add(int component, int run, int row, int start, int end, int confidenceOfRun) {
    int length = end - start;
    if (area[component] == 0) {
      firstRun[component] = run;
      left[component] = start;
      right[component] = end;
      sumX[component] = 0;
      sumY[component] = 0;
      confidenceSum[component] = 0;
    }
    area[component] += length;
    left[component] = Math.min(left[component], start);
    right[component] = Math.max(right[component], end);
    bottom[component] = row + 1;
    sumX[component] += length * (start + end) / 2.0;
    sumY[component] += length * (row + 0.5);
    confidenceSum[component] += confidenceOfRun;
  }

  /** The component's first run, in row order. */
  int firstRun(int component) {
    return firstRun[component];
  }

  int area(int component) {
    return area[component];
  }

  int left(int component) {
    return left[component];
  }

  /** The column after the last. */
  int right(int component) {
    return right[component];
  }

  /** The row after the last. */
  int bottom(int component) {
    return bottom[component];
  }

  double centroidX(int component) {
    return sumX[component] / area[component];
  }

  double centroidY(int component) {
    return sumY[component] / area[component];
  }

  /** Returns the mean confidence of a component, 0 to 1. */
  float meanConfidence(int component) {
    return Confidence.mean(confidenceSum[component], area[component]);
  }
}
