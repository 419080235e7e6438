package io.atrous.evaluation;

import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
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

  /** Intersection over union of a class; empty if it is neither in truth nor in prediction. */
  public OptionalDouble intersectionOverUnion(int index) {
    long intersection = count(index, index);
    long union = -intersection;
    for (int other = 0; other < classes; other++) {
      union += count(index, other) + count(other, index);
    }
    return union == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) intersection / union);
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

  /** The share of pixels that were taken for what they are. */
  public double pixelAccuracy() {
    long right = 0;
    long all = 0;
    for (int index = 0; index < classes; index++) {
      right += count(index, index);
    }
    for (long count : counts) {
      all += count;
    }
    return all == 0 ? 0 : (double) right / all;
  }
}
