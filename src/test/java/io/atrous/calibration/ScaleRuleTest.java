package io.atrous.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScaleRuleTest {

  @Test
  void theGreatestNumberJustFits() {
    assertThat(ScaleRule.MAX.scale(seen(255, 1, 51, -5, 0))).isEqualTo(0.2f);
    assertThat(ScaleRule.MAX.scale(seen(127, 12.7f, -25.4f))).isEqualTo(0.2f);
  }

  @Test
  void aPercentileLeavesOutTheRarest() {
    float[] numbers = new float[100_000];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) i / numbers.length;
    }
    numbers[7] = 1000;
    ActivationHistogram histogram = new ActivationHistogram(255);
    for (int i = 0; i < 10; i++) {
      histogram.add(FloatBuffer.wrap(numbers));
    }

    // One number in a hundred thousand is rarer than one in ten thousand.
    assertThat(255 * (double) ScaleRule.PERCENTILE.scale(histogram))
        .isCloseTo(1, withPercentage(30));
  }

  @Test
  void theLeastSquaredErrorCutsOffALoneGreatNumberOnly() {
    ActivationHistogram outlier = new ActivationHistogram(255);
    outlier.add(FloatBuffer.wrap(uniform(1_000_000)));
    outlier.add(FloatBuffer.wrap(new float[] {3}));
    ActivationHistogram none = new ActivationHistogram(255);
    none.add(FloatBuffer.wrap(uniform(1_000_000)));

    assertThat(255 * (double) ScaleRule.MSE.scale(outlier)).isBetween(1.0, 2.0);
    assertThat(255 * (double) ScaleRule.MSE.scale(none)).isCloseTo(1, withPercentage(2));
  }

  @Test
  void noRuleHasALesserSquaredErrorThanMse() {
    SplittableRandom random = new SplittableRandom(3);
    float[] numbers = new float[20_000];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) Math.max(0, random.nextGaussian());
    }
    ActivationHistogram histogram = new ActivationHistogram(255);
    histogram.add(FloatBuffer.wrap(numbers));
    double least = histogram.squaredError(ScaleRule.MSE.scale(histogram));

    for (ScaleRule rule : ScaleRule.values()) {
      assertThat(least).isLessThanOrEqualTo(histogram.squaredError(rule.scale(histogram)) * 1.0001);
    }
  }

  @ParameterizedTest
  @EnumSource(ScaleRule.class)
  void aTensorOfZerosHasAScaleToo(ScaleRule rule) {
    assertThat(rule.scale(seen(255, 0, 0))).isPositive();
    assertThat(rule.scale(new ActivationHistogram(255))).isPositive();
  }

  private static ActivationHistogram seen(int levels, float... numbers) {
    ActivationHistogram histogram = new ActivationHistogram(levels);
    histogram.add(FloatBuffer.wrap(numbers));
    return histogram;
  }

  private static float[] uniform(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (i + 1) / count;
    }
    return numbers;
  }
}
