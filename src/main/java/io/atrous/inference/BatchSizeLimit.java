package io.atrous.inference;

/**
 * How many images go to the device at once, by what its memory has held lately: half as many as a
 * batch that did not fit, and one more after each {@value #FITS_TO_GROW} batches that were as large
 * as allowed and fit.
 *
 * <p><b>Threading:</b> thread-safe; one for the lanes of a device, which share its memory.
 */
final class BatchSizeLimit {

  /** Many, for each step may end in a batch that has to be run again. */
  static final int FITS_TO_GROW = 64;

  private final int maximum;
  private int limit;
  private int fits;

  BatchSizeLimit(int maximum) {
    this.maximum = maximum;
    this.limit = maximum;
  }

  /** From 1 to the maximum. */
  synchronized int get() {
    return limit;
  }

  /** A batch has been answered. */
  synchronized void fit(int batchSize) {
    if (batchSize >= limit && limit < maximum && ++fits == FITS_TO_GROW) {
      limit++;
      fits = 0;
    }
  }

  /**
   * A batch was too large. Half of it is rounded up: a device that fills batches up to powers of
   * two then gets half of what did not fit in any case.
   */
  synchronized void exceeded(int batchSize) {
    limit = Math.min(limit, Math.max(1, (batchSize + 1) / 2));
    fits = 0;
  }
}
