package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Labels and confidences against a plain softmax of the upsampled logits. */
class LabelChoiceTest {

  private static final int ROWS = 9;
  private static final int COLUMNS = 13;
  private static final int HEIGHT = 35;
  private static final int WIDTH = 50;

  /**
   * Logits from a murmur, in which no class is certain, to shouting, in which one nearly always is.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 0.01, true",
    "2, 0.01, true",
    "2, 1, false",
    "5, 1, true",
    "5, 4, true",
    "21, 4, false",
    "5, 20, true",
    "5, 300, true",
    "7, 1e6, true",
    "7, 1e-6, true",
    "5, 0, true"
  })
  void labelsAndConfidencesAreThoseOfTheUpsampledLogits(
      int classes, float spread, boolean alignCorners) {
    LabelChoice choice =
        new LabelChoice(
            classes,
            Interpolation.of(ROWS, HEIGHT, alignCorners),
            Interpolation.of(COLUMNS, WIDTH, alignCorners));
    Random random = new Random(classes);
    for (int round = 0; round < 20; round++) {
      FloatBuffer logits = smooth(random, classes, spread);
      float[] upsampled = new float[classes * HEIGHT * WIDTH];
      choice.upsample(logits, upsampled, 0);
      byte[] labels = new byte[HEIGHT * WIDTH];
      byte[] confidence = new byte[HEIGHT * WIDTH];
      byte[] labelsAlone = new byte[HEIGHT * WIDTH];
      choice.choose(logits, labels, confidence);
      choice.choose(logits, labelsAlone, null);

      assertThat(labelsAlone).isEqualTo(labels);
      for (int p = 0; p < labels.length; p++) {
        int winner = winner(upsampled, classes, p);
        assertThat(labels[p]).as("label of pixel %d", p).isEqualTo((byte) winner);
        double exact = 255 * softmax(upsampled, classes, p, winner);
        assertThat(Math.abs(Byte.toUnsignedInt(confidence[p]) - exact))
            .as("confidence of pixel %d", p)
            .isLessThan(0.501);
      }
    }
  }

  /** Neighbours are alike, so that one class wins in whole regions. */
  private static FloatBuffer smooth(Random random, int classes, float spread) {
    float[] logits = new float[ROWS * COLUMNS * classes];
    for (int i = 0; i < logits.length; i++) {
      int left = i - classes;
      double before = left >= 0 ? 0.8 * logits[left] : 0;
      logits[i] = (float) (before + spread * random.nextGaussian());
    }
    return FloatBuffer.wrap(logits);
  }

  private static int winner(float[] logits, int classes, int pixel) {
    int winner = 0;
    for (int c = 1; c < classes; c++) {
      if (logits[c * HEIGHT * WIDTH + pixel] > logits[winner * HEIGHT * WIDTH + pixel]) {
        winner = c;
      }
    }
    return winner;
  }

  private static double softmax(float[] logits, int classes, int pixel, int winner) {
    double highest = logits[winner * HEIGHT * WIDTH + pixel];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits[c * HEIGHT * WIDTH + pixel] - highest);
    }
    return 1 / sum;
  }
}
