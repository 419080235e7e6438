package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.atrous.mask.Mask;
import org.junit.jupiter.api.Test;

class CalibrationTest {

  private static Mask mask(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new Mask(values.length, 1, bytes);
  }

  @Test
  void weighsEachBinsDistanceByItsPixels() {
    Calibration calibration = new Calibration();

    // Two of four are right at 255/255; one of two at 204/255 = 0.8; one is not judged.
    calibration.add(
        mask(0, 0, 0, 0, 1, 1, 255),
        mask(0, 0, 1, 1, 1, 0, 0),
        mask(255, 255, 255, 255, 204, 204, 204));

    assertThat(calibration.expectedError())
        .isCloseTo(4 / 6.0 * (1 - 0.5) + 2 / 6.0 * (0.8 - 0.5), within(1e-12));
  }

  @Test
  void putsAConfidenceIntoTheBinThatEndsWithIt() {
    Calibration calibration = new Calibration();

    // 17/255 = 1/15 is the end of the first bin.
    calibration.add(mask(0, 0, 0, 0), mask(0, 0, 0, 0), mask(0, 17, 18, 255));

    assertThat(calibration.bins()).hasSize(15);
    assertThat(calibration.bins().get(0).pixels()).isEqualTo(2);
    assertThat(calibration.bins().get(1).pixels()).isEqualTo(1);
    assertThat(calibration.bins().get(14).pixels()).isEqualTo(1);
    assertThat(calibration.bins().get(14).confidence()).isEqualTo(1);
    assertThat(calibration.bins().get(7).accuracy()).isZero();
  }

  @Test
  void isNoErrorWithoutPixels() {
    assertThat(new Calibration().expectedError()).isZero();
  }
}
