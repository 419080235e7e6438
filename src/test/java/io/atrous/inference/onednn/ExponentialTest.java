package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ExponentialTest {

  @Test
  void isRightButForRounding() {
    for (float x = 0; x > -87; x -= 0.00137f) {
      assertThat((double) Exponential.of(x))
          .as("e^%s", x)
          .isCloseTo(Math.exp(x), Percentage.withPercentage(3e-5));
    }
  }

  @Test
  void isExactAtZeroAndNothingFarBelow() {
    assertThat(Exponential.of(0)).isEqualTo(1);
    assertThat(Exponential.of(-1000)).isEqualTo(0, within(0f));
    assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(Exponential.of(Float.NaN)).isNaN();
  }
}
