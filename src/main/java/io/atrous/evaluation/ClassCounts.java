package io.atrous.evaluation;

import java.util.OptionalDouble;

/**
 * The pixels of each class in an image or in several: what intersection over union needs.
 *
 * <p><b>Threading:</b> confined to one thread while it is added to.
 */
final class ClassCounts {

  private final long[] intersections;
  private final long[] truths;
  private final long[] predictions;

  ClassCounts(int classes) {
    this.intersections = new long[classes];
    this.truths = new long[classes];
    this.predictions = new long[classes];
  }

  static ClassCounts of(ConfusionMatrix matrix) {
    ClassCounts counts = new ClassCounts(matrix.classes());
    for (int index = 0; index < matrix.classes(); index++) {
      counts.intersections[index] = matrix.count(index, index);
      counts.truths[index] = matrix.truthPixels(index);
      counts.predictions[index] = matrix.predictedPixels(index);
    }
    return counts;
  }

  void add(ClassCounts other) {
    for (int index = 0; index < truths.length; index++) {
      intersections[index] += other.intersections[index];
      truths[index] += other.truths[index];
      predictions[index] += other.predictions[index];
    }
  }

  OptionalDouble intersectionOverUnion(int index) {
    return ConfusionMatrix.ratio(
        intersections[index], truths[index] + predictions[index] - intersections[index]);
  }

  /** Returns the mean over the classes that occur; empty if none does. */
  OptionalDouble meanIntersectionOverUnion() {
    double sum = 0;
    int present = 0;
    for (int index = 0; index < truths.length; index++) {
      OptionalDouble iou = intersectionOverUnion(index);
      if (iou.isPresent()) {
        sum += iou.getAsDouble();
        present++;
      }
    }
    return present == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / present);
  }
}
