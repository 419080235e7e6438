package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class TrainingCurvesTest {

  /** Whether a colour is the curve's, or is smoothed towards it. */
  private static boolean isCurve(int rgb) {
    return (rgb & 0xFF) - (rgb >> 16 & 0xFF) > 60;
  }

  /** The lowest and highest row in which a curve is at a column of a panel; -1 without one. */
  private static int[] rows(BufferedImage image, int x, int panel) {
    int[] rows = {-1, -1};
    for (int y = panel * 240; y < (panel + 1) * 240; y++) {
      if (isCurve(image.getRGB(x, y))) {
        rows[0] = rows[0] < 0 ? y : rows[0];
        rows[1] = y;
      }
    }
    return rows;
  }

  @Test
  void drawsALossThatFallsAndAMeanIoUThatRises() {
    TrainingCourse course = new TrainingCourse();
    for (int step = 1; step <= 400; step++) {
      course.step(step, 2.0 * (400 - step) / 400, 0.01);
    }
    course.validation(200, 0.2);
    course.validation(400, 0.8);

    BufferedImage image = TrainingCurves.draw(course);

    assertThat(rows(image, 800, 0)[0]).isGreaterThan(rows(image, 200, 0)[1]);
    assertThat(rows(image, 860, 1)[1]).isLessThan(rows(image, 520, 1)[0]);
    assertThat(rows(image, 200, 2)).isEqualTo(rows(image, 800, 2));
    // Nothing was validated before.
    assertThat(rows(image, 300, 1)[0]).isEqualTo(-1);
  }

  @Test
  void drawsATrainingThatHasNotBegun() {
    assertThat(TrainingCurves.draw(new TrainingCourse()).getHeight())
        .isEqualTo(TrainingCurves.HEIGHT);
  }
}
