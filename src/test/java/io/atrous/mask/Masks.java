package io.atrous.mask;

import java.util.Random;

/** Masks for tests. */
final class Masks {

  private Masks() {}

  /** One string per row; '.' is class 0, a digit its class, '#' is 255. */
  static Mask grid(String... rows) {
    int width = rows[0].length();
    byte[] values = new byte[width * rows.length];
    for (int y = 0; y < rows.length; y++) {
      for (int x = 0; x < width; x++) {
        char symbol = rows[y].charAt(x);
        values[y * width + x] =
            (byte) (symbol == '.' ? 0 : symbol == '#' ? 255 : Character.digit(symbol, 10));
      }
    }
    return new Mask(width, rows.length, values);
  }

  /** A grid as {@link #grid} reads it. */
  static String text(Mask mask) {
    StringBuilder text = new StringBuilder();
    for (int y = 0; y < mask.height(); y++) {
      for (int x = 0; x < mask.width(); x++) {
        int value = mask.get(x, y);
        text.append(value == 0 ? "." : value == 255 ? "#" : String.valueOf(value));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Blobs of about that many pixels across, as a network would draw them. */
  static Mask blobs(int width, int height, int classes, int blobPixels, Random random) {
    int columns = width / blobPixels + 2;
    int rows = height / blobPixels + 2;
    float[][][] scores = new float[classes][rows][columns];
    for (float[][] ofClass : scores) {
      for (float[] row : ofClass) {
        for (int column = 0; column < columns; column++) {
          row[column] = random.nextFloat();
        }
      }
    }
    byte[] values = new byte[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int best = 0;
        for (int classId = 1; classId < classes; classId++) {
          if (score(scores[classId], x, y, blobPixels) > score(scores[best], x, y, blobPixels)) {
            best = classId;
          }
        }
        values[y * width + x] = (byte) best;
      }
    }
    return new Mask(width, height, values);
  }

  /** Every pixel at random. */
  static Mask noise(int width, int height, int classes, Random random) {
    byte[] values = new byte[width * height];
    for (int at = 0; at < values.length; at++) {
      values[at] = (byte) random.nextInt(classes);
    }
    return new Mask(width, height, values);
  }

  /** Upright stripes that lean to one side, a row's step at a time. */
  static Mask stripes(int width, int height, int classes, int stripePixels, int stepPixels) {
    byte[] values = new byte[width * height];
    for (int at = 0; at < values.length; at++) {
      int along = at % width + width * height + at / width * stepPixels;
      values[at] = (byte) Math.floorMod(Math.floorDiv(along, stripePixels), classes);
    }
    return new Mask(width, height, values);
  }

  /** Blobs, of which every so manyth pixel is at random. */
  static Mask speckled(
      int width, int height, int classes, int blobPixels, int every, Random random) {
    Mask mask = blobs(width, height, classes, blobPixels, random);
    for (int at = random.nextInt(every); at < width * height; at += 1 + random.nextInt(2 * every)) {
      mask.values()[at] = (byte) random.nextInt(255); // which is no class
    }
    return mask;
  }

  /** Anything from blobs to noise, of any size up to that many pixels a side. */
  static Mask any(int maxSide, Random random) {
    int width = 1 + random.nextInt(maxSide);
    int height = 1 + random.nextInt(maxSide);
    int classes = 1 + random.nextInt(6);
    int grain = 2 + random.nextInt(20);
    return switch (random.nextInt(6)) {
      case 0, 1 -> noise(width, height, classes, random);
      case 2 -> stripes(width, height, classes, grain, random.nextInt(21) - 10);
      case 3 -> speckled(width, height, classes, grain, 1 + random.nextInt(50), random);
      default -> blobs(width, height, classes, grain, random);
    };
  }

  private static float score(float[][] scores, int x, int y, int blobPixels) {
    int column = x / blobPixels;
    int row = y / blobPixels;
    float across = (float) (x % blobPixels) / blobPixels;
    float down = (float) (y % blobPixels) / blobPixels;
    float above = scores[row][column] * (1 - across) + scores[row][column + 1] * across;
    float below = scores[row + 1][column] * (1 - across) + scores[row + 1][column + 1] * across;
    return above * (1 - down) + below * down;
  }
}
