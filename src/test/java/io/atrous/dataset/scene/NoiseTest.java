package io.atrous.dataset.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NoiseTest {

  @Test
  void isContinuousAcrossCells() {
    for (double x = -600; x < 600; x += 37) {
      assertThat(Noise.smooth(5, x - 1e-7, 2.4)).isCloseTo(Noise.smooth(5, x, 2.4), within(1e-5));
      assertThat(Noise.smooth(5, 2.4, x - 1e-7)).isCloseTo(Noise.smooth(5, 2.4, x), within(1e-5));
    }
  }

  @Test
  void staysInRange() {
    for (int i = 0; i < 10_000; i++) {
      double x = i * 0.731 - 3000;
      assertThat(Noise.fractal(i, x, -x)).isGreaterThanOrEqualTo(0).isLessThan(1);
    }
  }

  @Test
  void differsBySeed() {
    assertThat(Noise.smooth(1, 0.5, 0.5)).isNotEqualTo(Noise.smooth(2, 0.5, 0.5));
  }
}
