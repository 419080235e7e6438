package io.atrous.evaluation;

import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How often each class was taken for each: one matrix over a whole set of images. Pixels whose
 * truth is {@link ClassCatalog#IGNORE_INDEX} don't count; no others are left out, borders included.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class ConfusionMatrix {

  private final int classes;

  /** Pixels, [truth, prediction] row-major. */
  private final long[] counts;

  public ConfusionMatrix(int classes) {
    this.classes = classes;
    this.counts = new long[classes * classes];
  }

  /** Adds an image; both masks have its size. */
  public void add(Mask truth, Mask prediction) {
    if (truth.width() != prediction.width() || truth.height() != prediction.height()) {
      throw new IllegalArgumentException(
          "a truth of %dx%d and a prediction of %dx%d"
              .formatted(truth.width(), truth.height(), prediction.width(), prediction.height()));
    }
    byte[] truths = truth.values();
    byte[] predictions = prediction.values();
    for (int i = 0; i < truths.length; i++) {
      int expected = truths[i] & 0xFF;
      if (expected != ClassCatalog.IGNORE_INDEX) {
        counts[check(expected) * classes + check(predictions[i] & 0xFF)]++;
      }
    }
  }

  /** Adds the pixels of another matrix of as many classes. */
  public void add(ConfusionMatrix other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(other.classes + " classes, not " + classes);
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  private int check(int index) {
    if (index >= classes) {
      throw new IllegalArgumentException("class " + index + " of " + classes);
    }
    return index;
  }

  /** Pixels of a class that were taken for a class. */
  public long count(int truth, int prediction) {
    return counts[check(truth) * classes + check(prediction)];
  }

  /** Returns the number of classes. */
  public int classes() {
    return classes;
  }

  /** Returns the number of pixels that are of a class. */
  public long truthPixels(int index) {
    long pixels = 0;
    for (int other = 0; other < classes; other++) {
      pixels += count(index, other);
    }
    return pixels;
  }

  /** Returns the number of pixels that were taken for a class. */
  public long predictedPixels(int index) {
    long pixels = 0;
    for (int other = 0; other < classes; other++) {
      pixels += count(other, index);
    }
    return pixels;
  }

  /** Intersection over union of a class; empty if it is neither in truth nor in prediction. */
  public OptionalDouble intersectionOverUnion(int index) {
    long intersection = count(index, index);
    return ratio(intersection, truthPixels(index) + predictedPixels(index) - intersection);
  }

  /** The share of a class's predicted pixels that are right; empty if none was predicted. */
  public OptionalDouble precision(int index) {
    return ratio(count(index, index), predictedPixels(index));
  }

  /** The share of a class's pixels that were found; empty if there is none. */
  public OptionalDouble recall(int index) {
    return ratio(count(index, index), truthPixels(index));
  }

  static OptionalDouble ratio(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }

  /** The mean over the classes present in truth or prediction; 0 if nothing was added. */
  public double meanIntersectionOverUnion() {
    double sum = 0;
    int present = 0;
    for (int index = 0; index < classes; index++) {
      OptionalDouble iou = intersectionOverUnion(index);
      if (iou.isPresent()) {
        sum += iou.getAsDouble();
        present++;
      }
    }
    return present == 0 ? 0 : sum / present;
  }

  /** The share of pixels that were taken for what they are; 0 if nothing was added. */
  public double pixelAccuracy() {
    long right = 0;
    for (int index = 0; index < classes; index++) {
      right += count(index, index);
    }
    return ratio(right, pixels()).orElse(0);
  }

  /** The mean of the classes' IoU, each weighted by its share of the pixels; 0 without any. */
  public double frequencyWeightedIntersectionOverUnion() {
    double sum = 0;
    for (int index = 0; index < classes; index++) {
      sum += truthPixels(index) * intersectionOverUnion(index).orElse(0);
    }
    return pixels() == 0 ? 0 : sum / pixels();
  }

  /** Returns the number of pixels that were added. */
  public long pixels() {
    return Arrays.stream(counts).sum();
  }
}
