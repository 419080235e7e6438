package io.atrous.evaluation;

import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares how sure a model is with how often it is right: the expected calibration error of Guo,
 * Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", 2017, with {@value #BINS}
 * bins, over all pixels whose truth is known.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class Calibration {

  static final int BINS = 15;

  private static final int LEVELS = 256;
  private static final int SURE = LEVELS - 1;

  private final long[] pixels = new long[LEVELS];
  private final long[] right = new long[LEVELS];

  /**
   * A range of confidences: above {@code from}, up to {@code to}.
   *
   * @param pixels the number of pixels with such a confidence
   * @param confidence their mean confidence, 0 to 1; 0 if there are none
   * @param accuracy the share of them that are right, 0 to 1; 0 if there are none
   */
  public record Bin(double from, double to, long pixels, double confidence, double accuracy) {}

  /**
   * Adds an image.
   *
   * @param confidence round(255 * p) of the predicted class
   */
  void add(Mask truth, Mask prediction, Mask confidence) {
    byte[] truths = truth.values();
    for (int i = 0; i < truths.length; i++) {
      if ((truths[i] & 0xFF) != ClassCatalog.IGNORE_INDEX) {
        int level = confidence.values()[i] & 0xFF;
        pixels[level]++;
        right[level] += truths[i] == prediction.values()[i] ? 1 : 0;
      }
    }
  }

  /** Adds the pixels of another. */
  void add(Calibration other) {
    for (int level = 0; level < LEVELS; level++) {
      pixels[level] += other.pixels[level];
      right[level] += other.right[level];
    }
  }

  /** Returns the bins, the lowest first. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    int level = 0;
    for (int bin = 0; bin < BINS; bin++) {
      long count = 0;
      long levels = 0;
      long correct = 0;
      // level / 255 <= (bin + 1) / BINS
      for (; level < LEVELS && level * BINS <= (bin + 1) * SURE; level++) {
        count += pixels[level];
        levels += level * pixels[level];
        correct += right[level];
      }
      bins.add(
          new Bin(
              (double) bin / BINS,
              (double) (bin + 1) / BINS,
              count,
              count == 0 ? 0 : (double) levels / count / SURE,
              count == 0 ? 0 : (double) correct / count));
    }
    return bins;
  }

  /** Returns the mean distance of accuracy and confidence over all pixels; 0 without any. */
  public double expectedError() {
    double sum = 0;
    long all = 0;
    for (Bin bin : bins()) {
      sum += bin.pixels * Math.abs(bin.accuracy - bin.confidence);
      all += bin.pixels;
    }
    return all == 0 ? 0 : sum / all;
  }
}
