package io.atrous.evaluation;

import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How well the boundaries of an image's classes were found: the boundary F-score of Csurka, Larlus
 * and Perronnin, "What is a good evaluation measure for semantic segmentation?", 2013.
 *
 * <p>A pixel is on its class's boundary if one of its four neighbours is of another class. Pixels
 * to be ignored are no neighbours, nor is what lies beyond the image. Precision is the share of the
 * predicted boundary's pixels that are closer than the tolerance to the true boundary, recall the
 * reverse, and the score their harmonic mean.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param scores the score of each class; empty for a class without a boundary in truth and
 *     prediction
 */
record BoundaryMatch(List<OptionalDouble> scores) {

  /** The tolerance as a share of the image's diagonal, as in the paper. */
  static final double TOLERANCE = 0.0075;

  BoundaryMatch {
    scores = List.copyOf(scores);
  }

  /** Compares the boundaries of two masks of one size. */
  static BoundaryMatch of(Mask truth, Mask prediction, int classes) {
    int width = truth.width();
    int height = truth.height();
    double tolerance = TOLERANCE * Math.sqrt((double) width * width + (double) height * height);
    Mask judged = judged(truth, prediction);
    List<int[]> trueBoundaries = boundaries(truth, classes);
    List<int[]> predictedBoundaries = boundaries(judged, classes);
    int[] reach = reach(tolerance);
    List<OptionalDouble> scores = new ArrayList<>();
    for (int index = 0; index < classes; index++) {
      scores.add(score(trueBoundaries.get(index), predictedBoundaries.get(index), reach, truth));
    }
    return new BoundaryMatch(scores);
  }

  /** Returns the mean over the classes with a boundary; empty if there is none. */
  OptionalDouble mean() {
    return scores.stream().flatMapToDouble(OptionalDouble::stream).average();
  }

  private static OptionalDouble score(int[] truth, int[] predicted, int[] reach, Mask size) {
    if (truth.length == 0 && predicted.length == 0) {
      return OptionalDouble.empty();
    }
    double precision = shareNear(predicted, truth, reach, size);
    double recall = shareNear(truth, predicted, reach, size);
    double sum = precision + recall;
    return OptionalDouble.of(sum == 0 ? 0 : 2 * precision * recall / sum);
  }

  /** Where the truth is not known, nothing is said about the prediction either. */
  private static Mask judged(Mask truth, Mask prediction) {
    byte[] values = prediction.values().clone();
    for (int i = 0; i < values.length; i++) {
      if ((truth.values()[i] & 0xFF) == ClassCatalog.IGNORE_INDEX) {
        values[i] = (byte) ClassCatalog.IGNORE_INDEX;
      }
    }
    return new Mask(truth.width(), truth.height(), values);
  }

  /** Returns for each class the places of its boundary's pixels. */
  private static List<int[]> boundaries(Mask mask, int classes) {
    int[][] places = new int[classes][16];
    int[] counts = new int[classes];
    byte[] values = mask.values();
    int width = mask.width();
    for (int at = 0; at < values.length; at++) {
      int index = values[at] & 0xFF;
      int x = at % width;
      if (index != ClassCatalog.IGNORE_INDEX
          && ((x > 0 && parts(index, values[at - 1]))
              || (x + 1 < width && parts(index, values[at + 1]))
              || (at >= width && parts(index, values[at - width]))
              || (at + width < values.length && parts(index, values[at + width])))) {
        if (counts[index] == places[index].length) {
          places[index] = Arrays.copyOf(places[index], 2 * counts[index]);
        }
        places[index][counts[index]++] = at;
      }
    }
    List<int[]> trimmed = new ArrayList<>();
    for (int index = 0; index < classes; index++) {
      trimmed.add(Arrays.copyOf(places[index], counts[index]));
    }
    return trimmed;
  }

  private static boolean parts(int index, byte neighbour) {
    int other = neighbour & 0xFF;
    return other != index && other != ClassCatalog.IGNORE_INDEX;
  }

  /** Returns for each distance in rows how many columns are closer than the tolerance. */
  private static int[] reach(double tolerance) {
    int rows = (int) Math.ceil(tolerance) - 1;
    int[] reach = new int[Math.max(0, rows) + 1];
    for (int row = 0; row < reach.length; row++) {
      int columns = 0;
      while ((double) (columns + 1) * (columns + 1) + (double) row * row < tolerance * tolerance) {
        columns++;
      }
      reach[row] = columns;
    }
    return reach;
  }

  /** Returns the share of pixels that are near one of others. */
  private static double shareNear(int[] pixels, int[] others, int[] reach, Mask size) {
    if (pixels.length == 0 || others.length == 0) {
      return 0;
    }
    int width = size.width();
    int columns = width + 1;
    // In each row, where runs of near pixels begin and end; summed up, how many cover a pixel.
    int[] covers = new int[columns * size.height()];
    for (int other : others) {
      int x = other % width;
      int y = other / width;
      for (int row = Math.max(0, y - reach.length + 1);
          row < Math.min(size.height(), y + reach.length);
          row++) {
        int columnsAway = reach[Math.abs(row - y)];
        covers[row * columns + Math.max(0, x - columnsAway)]++;
        covers[row * columns + Math.min(width, x + columnsAway + 1)]--;
      }
    }
    for (int at = 1; at < covers.length; at++) {
      covers[at] += covers[at - 1];
    }
    int near = 0;
    for (int pixel : pixels) {
      near += covers[pixel / width * columns + pixel % width] > 0 ? 1 : 0;
    }
    return (double) near / pixels.length;
  }
}
