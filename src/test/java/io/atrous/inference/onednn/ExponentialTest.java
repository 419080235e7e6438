package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ExponentialTest {

  @Test
  void errsByLessThanThreeInAMillion() {
    for (float x = 0; x < 200; x += 0.00137f) {
      assertThat((double) Exponential.of(x)).as("e^-%s", x).isCloseTo(Math.exp(-x), within(3e-6));
    }
  }

  @Test
  void smallResultsAreRightButForOneInAThousand() {
    for (float x = 0; x < 27; x += 0.00137f) {
      assertThat((double) Exponential.of(x))
          .as("e^-%s", x)
          .isCloseTo(Math.exp(-x), Percentage.withPercentage(0.1));
    }
  }

  @Test
  void isExactAtZeroAndNothingFarBelow() {
    assertThat(Exponential.of(0)).isEqualTo(1);
    assertThat(Exponential.of(1000)).isZero();
    assertThat(Exponential.of(Float.POSITIVE_INFINITY)).isZero();
    assertThat(Exponential.of(Float.NaN)).isNaN();
  }
}
