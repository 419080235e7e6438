package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PolynomialScheduleTest {

  @Test
  void fallsFromItsBaseToZeroByAPower() {
    PolynomialSchedule schedule = new PolynomialSchedule(0.1, 100, 0.9, 0);

    assertThat(schedule.rate(0)).isEqualTo(0.1);
    assertThat(schedule.rate(50)).isCloseTo(0.1 * Math.pow(0.5, 0.9), within(1e-12));
    assertThat(schedule.rate(99)).isCloseTo(0.1 * Math.pow(0.01, 0.9), within(1e-12));
    assertThat(schedule.rate(100)).isZero();
  }

  @Test
  void risesInEqualStepsBeforeThat() {
    PolynomialSchedule schedule = new PolynomialSchedule(1, 1000, 0, 3);

    assertThat(schedule.rate(0)).isEqualTo(0.25);
    assertThat(schedule.rate(1)).isEqualTo(0.5);
    assertThat(schedule.rate(2)).isEqualTo(0.75);
    assertThat(schedule.rate(3)).isEqualTo(1);
  }

  @Test
  void warmsUpForATenthOfAShortTraining() {
    assertThat(PolynomialSchedule.deepLab(1, 40).warmUpSteps()).isEqualTo(4);
    assertThat(PolynomialSchedule.deepLab(1, 40_000).warmUpSteps()).isEqualTo(100);
  }

  @Test
  void refusesImpossibleNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PolynomialSchedule(0, 10, 0.9, 0))
        .withMessageContaining("base 0.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new PolynomialSchedule(0.1, 10, 0.9, 11));
  }
}
