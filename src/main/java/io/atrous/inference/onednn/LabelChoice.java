package io.atrous.inference.onednn;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * From an image's logits at a fraction of its size to labels and confidences at its size: upsampled
 * in fp32, the class with the highest logit wins, the first of equal ones, and its confidence is
 * {@code round(255 * softmax)}.
 *
 * <p>It goes row by row, so that the upsampled logits of three rows at a time exist, and class
 * after class, in loops over the columns. Those are so plain that the compiler makes vector
 * instructions of them: it does so for arrays that begin at 0 and one operation after the other.
 *
 * <p><b>Threading:</b> confined to one thread. Nothing is allocated after it is made.
 */
final class LabelChoice {

  private static final int NONE = -1;

  private final int classes;
  private final Interpolation down;
  private final Interpolation across;

  /** A row of logits as they come, [w, classes], and of one class. */
  private final float[] read;

  private final float[] readOfClass;

  /** Rows of logits, as wide as the image, [classes][W], and which they are. */
  private float[][] above;

  private float[][] below;
  private int aboveIs = NONE;
  private int belowIs = NONE;

  /** The logits of a row of pixels, between those two: [classes][W]. */
  private final float[][] pixels;

  private final float[] highest;
  private final byte[] winners;
  private final float[] sums;

  LabelChoice(int classes, Interpolation down, Interpolation across) {
    this.classes = classes;
    this.down = down;
    this.across = across;
    this.read = new float[across.from() * classes];
    this.readOfClass = new float[across.from()];
    this.above = new float[classes][across.to()];
    this.below = new float[classes][across.to()];
    this.pixels = new float[classes][across.to()];
    this.highest = new float[across.to()];
    this.winners = new byte[across.to()];
    this.sums = new float[across.to()];
  }

  /** A choice for the images of a plan. */
  static LabelChoice of(NetworkPlan plan, boolean alignCorners) {
    Tensor coarse = plan.logits();
    return new LabelChoice(
        Math.toIntExact(coarse.channels()),
        Interpolation.of(coarse.height(), plan.images().height(), alignCorners),
        Interpolation.of(coarse.width(), plan.images().width(), alignCorners));
  }

  /**
   * Chooses.
   *
   * @param logits float [h, w, classes], where [h, w] is what the interpolations start from
   * @param labels written: uint8 [H, W]
   * @param confidence written as well: uint8 [H, W]; null if it is not wanted
   */
  void choose(FloatBuffer logits, byte[] labels, byte @Nullable [] confidence) {
    forget();
    int width = across.to();
    for (int y = 0; y < down.to(); y++) {
      computeRow(logits, y);
      findWinners();
      System.arraycopy(winners, 0, labels, y * width, width);
      if (confidence != null) {
        addUp();
        for (int x = 0; x < width; x++) {
          confidence[y * width + x] = (byte) Math.rint(255 / sums[x]);
        }
      }
    }
  }

  /**
   * Upsamples an image's logits as {@link #choose} does.
   *
   * @param upsampled written: float [classes, H, W]
   * @param at the index of its first number
   */
  void upsample(FloatBuffer logits, float[] upsampled, int at) {
    forget();
    int width = across.to();
    for (int y = 0; y < down.to(); y++) {
      computeRow(logits, y);
      for (int c = 0; c < classes; c++) {
        System.arraycopy(pixels[c], 0, upsampled, at + (c * down.to() + y) * width, width);
      }
    }
  }

  /**
   * The probability of each class at each pixel.
   *
   * @param logits float [h, w, classes]
   * @return float [H, W, classes]
   */
  float[] probabilities(FloatBuffer logits) {
    forget();
    int width = across.to();
    float[] probabilities = new float[down.to() * width * classes];
    for (int y = 0; y < down.to(); y++) {
      computeRow(logits, y);
      findWinners();
      addUp();
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < classes; c++) {
          probabilities[(y * width + x) * classes + c] =
              Exponential.of(highest[x] - pixels[c][x]) / sums[x];
        }
      }
    }
    return probabilities;
  }

  int classes() {
    return classes;
  }

  /** Forgets the rows that were read, which are of another image. */
  private void forget() {
    aboveIs = NONE;
    belowIs = NONE;
  }

  private void computeRow(FloatBuffer logits, int y) {
    bring(logits, down.low()[y], down.high()[y]);
    for (int c = 0; c < classes; c++) {
      interpolate(above[c], below[c], down.fraction()[y], pixels[c]);
    }
  }

  /** Has the two rows of logits ready that a row of pixels lies between. */
  private void bring(FloatBuffer logits, int low, int high) {
    if (aboveIs != low) {
      float[][] free = above;
      above = below;
      below = free;
      aboveIs = belowIs;
      belowIs = NONE;
    }
    if (aboveIs != low) {
      read(logits, low, above);
      aboveIs = low;
    }
    if (belowIs != high) {
      read(logits, high, below);
      belowIs = high;
    }
  }

  private void read(FloatBuffer logits, int y, float[][] row) {
    logits.get(y * read.length, read);
    for (int c = 0; c < classes; c++) {
      for (int x = 0; x < readOfClass.length; x++) {
        readOfClass[x] = read[x * classes + c];
      }
      interpolate(readOfClass, across, row[c]);
    }
  }

  private static void interpolate(float[] values, Interpolation positions, float[] results) {
    int[] low = positions.low();
    int[] high = positions.high();
    float[] fraction = positions.fraction();
    for (int i = 0; i < results.length; i++) {
      results[i] = (1 - fraction[i]) * values[low[i]] + fraction[i] * values[high[i]];
    }
  }

  private static void interpolate(float[] low, float[] high, float fraction, float[] results) {
    for (int i = 0; i < results.length; i++) {
      results[i] = (1 - fraction) * low[i] + fraction * high[i];
    }
  }

  private void findWinners() {
    System.arraycopy(pixels[0], 0, highest, 0, highest.length);
    Arrays.fill(winners, (byte) 0);
    for (int c = 1; c < classes; c++) {
      compete(pixels[c], (byte) c, highest, winners);
    }
  }

  private static void compete(float[] logits, byte label, float[] highest, byte[] winners) {
    for (int i = 0; i < highest.length; i++) {
      if (logits[i] > highest[i]) {
        highest[i] = logits[i];
        winners[i] = label;
      }
    }
  }

  /** Adds up what the classes weigh against the highest. */
  private void addUp() {
    Arrays.fill(sums, 0);
    for (int c = 0; c < classes; c++) {
      addWeights(pixels[c], highest, sums);
    }
  }

  private static void addWeights(float[] logits, float[] highest, float[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += Exponential.of(highest[i] - logits[i]);
    }
  }
}
