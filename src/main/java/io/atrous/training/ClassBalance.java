package io.atrous.training;

import io.atrous.dataset.SegmentationDataset;
import io.atrous.model.ClassCatalog;
import java.util.Arrays;
import java.util.List;

/** Computes the weights of classes in the loss, so that rare ones are learnt as well. */
public final class ClassBalance {

  private ClassBalance() {}

  /**
   * Weights that fall with a class's share of the pixels, as its power: 0 leaves all alike, 1 makes
   * up for rarity in full. Their mean over the pixels is 1; a class never seen weighs as one pixel.
   *
   * @param images the number of the dataset's images to count, from the first
   */
  public static List<Double> weights(
      SegmentationDataset dataset, int classes, int images, double power) {
    long[] pixels = new long[classes];
    for (int index = 0; index < Math.min(images, dataset.size()); index++) {
      for (byte label : dataset.get(index).labels().values()) {
        if ((label & 0xFF) != ClassCatalog.IGNORE_INDEX) {
          pixels[label & 0xFF]++;
        }
      }
    }
    double all = Arrays.stream(pixels).sum();
    double[] weights =
        Arrays.stream(pixels)
            .mapToDouble(count -> StrictMath.pow(all / Math.max(1, count), power))
            .toArray();
    double mean = 0;
    for (int index = 0; index < classes; index++) {
      mean += weights[index] * pixels[index] / all;
    }
    double scale = mean;
    return Arrays.stream(weights).mapToObj(weight -> weight / scale).toList();
  }
}
