package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EightBitNumbersTest {

  @Test
  void eachChannelsWeightsJustFitItsScale() {
    float[] weights = {1.27f, -0.5f, 0, -2.54f, 1, 0.01f, 0, 0, 0};

    float[] scales = EightBitNumbers.scales(weights, 3);

    assertThat(scales[0]).isEqualTo(0.01f);
    assertThat(scales[1]).isEqualTo(0.02f);
    assertThat(scales[2]).isPositive();
    assertThat(EightBitNumbers.quantized(weights, scales))
        .containsExactly(127, -50, 0, -127, 50, 0, 0, 0, 0);
  }

  @Test
  void roundsToTheNearestAndTiesToEven() {
    assertThat(EightBitNumbers.stored(2.5f, 1, 0, 255)).isEqualTo(2);
    assertThat(EightBitNumbers.stored(3.5f, 1, 0, 255)).isEqualTo(4);
    assertThat(EightBitNumbers.stored(-0.75f, 0.5f, -127, 127)).isEqualTo(-2);
  }

  @Test
  void cutsOffWhatDoesNotFit() {
    assertThat(EightBitNumbers.stored(1000, 1, 0, 255)).isEqualTo(255);
    assertThat(EightBitNumbers.stored(-1, 1, 0, 255)).isZero();
    assertThat(EightBitNumbers.stored(-1000, 1, -127, 127)).isEqualTo(-127);
  }

  @Test
  void aNumberComesBackWithinHalfAStep() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      float scale = (float) Math.exp(random.nextDouble(-12, 5));
      float real = (float) random.nextDouble(-127, 127) * scale;

      float back = scale * EightBitNumbers.stored(real, scale, -127, 127);

      assertThat((double) Math.abs(back - real)).isLessThanOrEqualTo(0.5001 * scale);
    }
  }
}
