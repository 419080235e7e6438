package io.atrous.inference.onednn;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * From an image's logits at a fraction of its size to labels and confidences at its size: upsampled
 * in fp32, the class with the highest logit wins, and its confidence is {@code round(255 *
 * softmax)}.
 *
 * <p>It goes row by row, so that the upsampled logits of one pixel at a time exist. Between four
 * neighbouring logits every pixel's are means of those. So where one class wins at all four by more
 * than rounding, it wins between them; and where it wins by so much that its confidence rounds to
 * 255 at all four, it does so between them. There nothing is computed.
 *
 * <p><b>Threading:</b> confined to one thread. Nothing is allocated after it is made.
 */
final class LabelChoice {

  /**
   * What all classes but the winner may weigh against it, if its confidence is to be 255. That
   * would be 0.5 / 254.5; this leaves 3 % for rounding.
   */
  private static final float FULL_CONFIDENCE = 0.0019f;

  /** The bound on the error of logits for which this holds. */
  private static final float MAX_SLACK = 0.02f;

  /** More than the rounding of a mean of logits of magnitude 1. */
  private static final float ROUNDING = 1e-6f;

  private static final byte UNDECIDED = 0;
  private static final byte DECIDED = 1;
  private static final byte CERTAIN = 2;

  private final int classes;
  private final Interpolation down;
  private final Interpolation across;
  private final float[] above;
  private final float[] below;
  private final float[] row;
  private final float[] pixel;
  private final byte[] cellStates;
  private final int[] cellWinners;

  LabelChoice(int classes, Interpolation down, Interpolation across) {
    this.classes = classes;
    this.down = down;
    this.across = across;
    this.above = new float[across.from() * classes];
    this.below = new float[above.length];
    this.row = new float[above.length];
    this.pixel = new float[classes];
    this.cellStates = new byte[across.from()];
    this.cellWinners = new int[across.from()];
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
    for (int y = 0; y < down.to(); y++) {
      if (y == 0 || down.low()[y] != down.low()[y - 1]) {
        read(logits, y);
        judgeCells();
      }
      interpolateDown(down.fraction()[y]);
      chooseRow(y * across.to(), labels, confidence);
    }
  }

  /**
   * Upsamples an image's logits as {@link #choose} does.
   *
   * @param upsampled written: float [classes, H, W]
   * @param at the index of its first number
   */
  void upsample(FloatBuffer logits, float[] upsampled, int at) {
    int pixels = down.to() * across.to();
    for (int y = 0; y < down.to(); y++) {
      read(logits, y);
      interpolateDown(down.fraction()[y]);
      for (int x = 0; x < across.to(); x++) {
        interpolateAcross(x);
        for (int c = 0; c < classes; c++) {
          upsampled[at + c * pixels + y * across.to() + x] = pixel[c];
        }
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
    float[] probabilities = new float[down.to() * across.to() * classes];
    int at = 0;
    for (int y = 0; y < down.to(); y++) {
      read(logits, y);
      interpolateDown(down.fraction()[y]);
      for (int x = 0; x < across.to(); x++, at += classes) {
        interpolateAcross(x);
        float highest = pixel[winner(pixel, 0)];
        float sum = 0;
        for (int c = 0; c < classes; c++) {
          probabilities[at + c] = Exponential.of(pixel[c] - highest);
          sum += probabilities[at + c];
        }
        for (int c = 0; c < classes; c++) {
          probabilities[at + c] /= sum;
        }
      }
    }
    return probabilities;
  }

  int classes() {
    return classes;
  }

  /** Reads the two rows of logits that a row of pixels lies between. */
  private void read(FloatBuffer logits, int y) {
    logits.get(down.low()[y] * above.length, above);
    logits.get(down.high()[y] * below.length, below);
  }

  private void interpolateDown(float fraction) {
    for (int i = 0; i < row.length; i++) {
      row[i] = (1 - fraction) * above[i] + fraction * below[i];
    }
  }

  /** Finds out what is known of all pixels between two rows of logits. */
  private void judgeCells() {
    for (int cell = 0; cell < across.from(); cell++) {
      int left = cell * classes;
      int right = Math.min(cell + 1, across.from() - 1) * classes;
      int winner = winner(above, left);
      cellWinners[cell] = winner;
      cellStates[cell] = state(left, right, winner);
    }
  }

  private int winner(float[] logits, int first) {
    int winner = 0;
    for (int c = 1; c < classes; c++) {
      if (logits[first + c] > logits[first + winner]) {
        winner = c;
      }
    }
    return winner;
  }

  private byte state(int left, int right, int winner) {
    float greatest = 0;
    float others = 0;
    float least = Float.MAX_VALUE;
    for (int c = 0; c < classes; c++) {
      float z0 = above[left + c];
      float z1 = above[right + c];
      float z2 = below[left + c];
      float z3 = below[right + c];
      greatest =
          Math.max(
              greatest,
              Math.max(Math.max(Math.abs(z0), Math.abs(z1)), Math.max(Math.abs(z2), Math.abs(z3))));
      if (c != winner) {
        float margin =
            Math.min(
                Math.min(above[left + winner] - z0, above[right + winner] - z1),
                Math.min(below[left + winner] - z2, below[right + winner] - z3));
        least = Math.min(least, margin);
        if (margin <= 0) {
          return UNDECIDED;
        }
        others += Exponential.of(-margin);
      }
    }
    float slack = ROUNDING * greatest;
    // Not a number decides nothing.
    if (!(least > slack)) {
      return UNDECIDED;
    }
    return others < FULL_CONFIDENCE && slack < MAX_SLACK ? CERTAIN : DECIDED;
  }

  private void chooseRow(int begin, byte[] labels, byte @Nullable [] confidence) {
    for (int x = 0; x < across.to(); x++) {
      int cell = across.low()[x];
      int at = begin + x;
      if (cellStates[cell] == CERTAIN || (cellStates[cell] == DECIDED && confidence == null)) {
        labels[at] = (byte) cellWinners[cell];
        if (confidence != null) {
          confidence[at] = (byte) 255;
        }
        continue;
      }
      interpolateAcross(x);
      int winner = cellStates[cell] == DECIDED ? cellWinners[cell] : winner(pixel, 0);
      labels[at] = (byte) winner;
      if (confidence != null) {
        confidence[at] = confidence(pixel[winner]);
      }
    }
  }

  private void interpolateAcross(int x) {
    int left = across.low()[x] * classes;
    int right = across.high()[x] * classes;
    float fraction = across.fraction()[x];
    for (int c = 0; c < classes; c++) {
      pixel[c] = (1 - fraction) * row[left + c] + fraction * row[right + c];
    }
  }

  private byte confidence(float highest) {
    float sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Exponential.of(pixel[c] - highest);
    }
    return (byte) Math.rint(255 * (1 / sum));
  }
}
