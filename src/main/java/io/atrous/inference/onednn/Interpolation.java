package io.atrous.inference.onednn;

/**
 * Linear interpolation along one axis, with PyTorch's positions: result {@code i} is {@code (1 -
 * fraction[i]) * x[low[i]] + fraction[i] * x[high[i]]}.
 *
 * <p><b>Threading:</b> immutable; the arrays are only read.
 *
 * @param from the number of values
 * @param low the index of the value before each result
 * @param high the index of the value after it
 * @param fraction the weight of the value after it, 0 to 1
 */
@SuppressWarnings("ArrayRecordComponent")
record Interpolation(int from, int[] low, int[] high, float[] fraction) {

  /**
   * Interpolates.
   *
   * @param from the number of values
   * @param to the number of results
   * @param alignCorners whether the first and the last result are the first and the last value;
   *     else values and results are the middles of intervals that cover the same
   */
  static Interpolation of(int from, int to, boolean alignCorners) {
    int[] low = new int[to];
    int[] high = new int[to];
    float[] fraction = new float[to];
    float scale = alignCorners ? (to > 1 ? (from - 1f) / (to - 1f) : 0) : (float) from / to;
    for (int i = 0; i < to; i++) {
      float position = alignCorners ? scale * i : Math.max(0, scale * (i + 0.5f) - 0.5f);
      low[i] = Math.min((int) position, from - 1);
      high[i] = Math.min(low[i] + 1, from - 1);
      fraction[i] = Math.min(Math.max(position - low[i], 0), 1);
    }
    return new Interpolation(from, low, high, fraction);
  }

  /** Returns the number of results. */
  int to() {
    return low.length;
  }

  /** Returns it as a matrix [to, from], row-major, that is multiplied with the values. */
  float[] matrix() {
    float[] matrix = new float[to() * from];
    for (int i = 0; i < to(); i++) {
      matrix[i * from + low[i]] += 1 - fraction[i];
      matrix[i * from + high[i]] += fraction[i];
    }
    return matrix;
  }
}
