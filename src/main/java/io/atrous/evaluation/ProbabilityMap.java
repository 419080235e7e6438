package io.atrous.evaluation;

import io.atrous.mask.Mask;

/**
 * The probability of each class at each pixel, or the sum of several such maps.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class ProbabilityMap {

  private static final int SURE = 255;

  private final int width;
  private final int height;
  private final int classes;
  private final float[] values;

  /**
   * @param values [height, width, classes], row-major
   */
  ProbabilityMap(int width, int height, int classes, float[] values) {
    if (values.length != Math.multiplyExact(Math.multiplyExact(width, height), classes)) {
      throw new IllegalArgumentException(
          "%dx%d pixels of %d classes are not %d values"
              .formatted(width, height, classes, values.length));
    }
    this.width = width;
    this.height = height;
    this.classes = classes;
    this.values = values;
  }

  /** Creates a sum to which nothing has been added. */
  ProbabilityMap(int width, int height, int classes) {
    this(width, height, classes, new float[Math.multiplyExact(width * height, classes)]);
  }

  /** Returns the top left corner of that size. */
  ProbabilityMap topLeft(int newWidth, int newHeight) {
    ProbabilityMap corner = new ProbabilityMap(newWidth, newHeight, classes);
    for (int y = 0; y < newHeight; y++) {
      System.arraycopy(
          values, y * width * classes, corner.values, y * newWidth * classes, newWidth * classes);
    }
    return corner;
  }

  /** Returns the map with left and right exchanged. */
  ProbabilityMap mirrored() {
    ProbabilityMap mirrored = new ProbabilityMap(width, height, classes);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        System.arraycopy(
            values,
            (y * width + x) * classes,
            mirrored.values,
            (y * width + width - 1 - x) * classes,
            classes);
      }
    }
    return mirrored;
  }

  /** Adds a map of any size, which is brought to this one's between pixel centres. */
  void add(ProbabilityMap other) {
    for (int y = 0; y < height; y++) {
      double atY = centre(y, height, other.height);
      int y0 = (int) atY;
      int y1 = Math.min(other.height - 1, y0 + 1);
      float below = (float) (atY - y0);
      for (int x = 0; x < width; x++) {
        double atX = centre(x, width, other.width);
        int x0 = (int) atX;
        int x1 = Math.min(other.width - 1, x0 + 1);
        float right = (float) (atX - x0);
        for (int index = 0; index < classes; index++) {
          float upper = other.at(x0, y0, index) * (1 - right) + other.at(x1, y0, index) * right;
          float lower = other.at(x0, y1, index) * (1 - right) + other.at(x1, y1, index) * right;
          values[(y * width + x) * classes + index] += upper * (1 - below) + lower * below;
        }
      }
    }
  }

  private static double centre(int pixel, int size, int otherSize) {
    return Math.max(0, Math.min(otherSize - 1, (pixel + 0.5) * otherSize / size - 0.5));
  }

  private float at(int x, int y, int index) {
    return values[(y * width + x) * classes + index];
  }

  /** Returns the class with the highest value at each pixel; the first of equal ones. */
  Mask labels() {
    byte[] labels = new byte[width * height];
    for (int pixel = 0; pixel < labels.length; pixel++) {
      labels[pixel] = (byte) winner(pixel);
    }
    return new Mask(width, height, labels);
  }

  /**
   * Returns round(255 * p) of the classes with the highest values.
   *
   * @param maps the number of maps that were added
   */
  Mask confidence(int maps) {
    byte[] confidence = new byte[width * height];
    for (int pixel = 0; pixel < confidence.length; pixel++) {
      float mean = values[pixel * classes + winner(pixel)] / maps;
      confidence[pixel] = (byte) Math.min(SURE, Math.round(SURE * mean));
    }
    return new Mask(width, height, confidence);
  }

  private int winner(int pixel) {
    int winner = 0;
    for (int index = 1; index < classes; index++) {
      if (values[pixel * classes + index] > values[pixel * classes + winner]) {
        winner = index;
      }
    }
    return winner;
  }
}
