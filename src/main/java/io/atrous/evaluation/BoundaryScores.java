package io.atrous.evaluation;

import java.util.OptionalDouble;

/**
 * The boundary F-scores of a set of images: for a class the mean over the images in which it has a
 * boundary, and over all the mean of the images' means.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class BoundaryScores {

  private final double[] sums;
  private final int[] images;
  private double sumOfMeans;
  private int imagesWithBoundary;

  BoundaryScores(int classes) {
    this.sums = new double[classes];
    this.images = new int[classes];
  }

  void add(BoundaryMatch image) {
    for (int index = 0; index < sums.length; index++) {
      OptionalDouble score = image.scores().get(index);
      if (score.isPresent()) {
        sums[index] += score.getAsDouble();
        images[index]++;
      }
    }
    image
        .mean()
        .ifPresent(
            mean -> {
              sumOfMeans += mean;
              imagesWithBoundary++;
            });
  }

  /** Returns a class's score; empty if it has no boundary in any image. */
  public OptionalDouble score(int index) {
    return images[index] == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sums[index] / images[index]);
  }

  /** Returns the mean over the images; empty if there is no boundary in any. */
  public OptionalDouble mean() {
    return imagesWithBoundary == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(sumOfMeans / imagesWithBoundary);
  }
}
