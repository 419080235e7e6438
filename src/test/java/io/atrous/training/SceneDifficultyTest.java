package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class SceneDifficultyTest {

  private static final int CLASSES = StreetClass.values().length;
  private static final int BINS = 16;

  @Test
  void doesNotGiveClassesAwayByTheirColour() {
    // Bayes' classifier on a histogram of 16³ colours, with the true class frequencies as prior
    // and with an even one: whichever does better.
    int[][] histogram = new int[BINS * BINS * BINS][CLASSES];
    long[] pixels = new long[CLASSES];
    for (int index = 0; index < 200; index++) {
      LabeledImage scene = scene(Split.TRAINING, index);
      for (int y = 0; y < scene.image().height(); y++) {
        for (int x = 0; x < scene.image().width(); x++) {
          histogram[bin(scene.image(), x, y)][scene.labels().get(x, y)]++;
          pixels[scene.labels().get(x, y)]++;
        }
      }
    }

    for (double evenness : new double[] {0, 0.5, 1}) {
      byte[] likeliest = new byte[histogram.length];
      for (int bin = 0; bin < histogram.length; bin++) {
        double best = -1;
        for (int c = 0; c < CLASSES; c++) {
          double score = histogram[bin][c] / Math.pow((double) pixels[c], evenness);
          if (score > best) {
            best = score;
            likeliest[bin] = (byte) c;
          }
        }
      }
      ConfusionMatrix matrix = new ConfusionMatrix(CLASSES);
      for (int index = 0; index < 60; index++) {
        LabeledImage scene = scene(Split.TEST, index);
        byte[] guesses = new byte[scene.labels().values().length];
        for (int y = 0; y < scene.image().height(); y++) {
          for (int x = 0; x < scene.image().width(); x++) {
            guesses[y * scene.image().width() + x] = likeliest[bin(scene.image(), x, y)];
          }
        }
        matrix.add(
            scene.labels(), new Mask(scene.image().width(), scene.image().height(), guesses));
      }

      assertThat(matrix.meanIntersectionOverUnion())
          .as("prior to the power of %s", 1 - evenness)
          .isBetween(0.1, 0.55);
    }
  }

  private static LabeledImage scene(Split split, int index) {
    return SyntheticScene.of(split, 1, index).render(index, 224, 126);
  }

  private static int bin(RgbImage image, int x, int y) {
    int rgb = image.rgb(x, y);
    return ((rgb >> 20) & 15) << 8 | ((rgb >> 12) & 15) << 4 | ((rgb >> 4) & 15);
  }
}
