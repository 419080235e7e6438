package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class PolynomialScheduleTest {

  @Test
  void fallsFromItsBaseToZeroByAPower() {
    PolynomialSchedule schedule = new PolynomialSchedule(0.1, 0.9, 0, 1);

    assertThat(schedule.rate(0, 0)).isEqualTo(0.1);
    assertThat(schedule.rate(50, 0.5)).isCloseTo(0.1 * Math.pow(0.5, 0.9), within(1e-12));
    assertThat(schedule.rate(99, 0.99)).isCloseTo(0.1 * Math.pow(0.01, 0.9), within(1e-12));
    assertThat(schedule.rate(100, 1)).isZero();
  }

  @Test
  void risesInEqualStepsBeforeThat() {
    PolynomialSchedule schedule = new PolynomialSchedule(1, 0, 3, 1);

    assertThat(schedule.rate(0, 0)).isEqualTo(0.25);
    assertThat(schedule.rate(1, 0.1)).isEqualTo(0.5);
    assertThat(schedule.rate(2, 0.2)).isEqualTo(0.75);
    assertThat(schedule.rate(3, 0.3)).isEqualTo(1);
  }

  @Test
  void givesEverythingButTheBackboneAMultiple() {
    ToDoubleFunction<String> rates = new PolynomialSchedule(0.1, 0.9, 0, 10).rates(0.02);

    assertThat(rates.applyAsDouble("resnet_features.layer1.0.conv1.weight")).isEqualTo(0.02);
    assertThat(rates.applyAsDouble("aspp1.bn.weight")).isEqualTo(0.2);
    assertThat(rates.applyAsDouble("global_avg_pool.1.weight")).isEqualTo(0.2);
    assertThat(rates.applyAsDouble("last_conv.6.bias")).isEqualTo(0.2);
  }

  @Test
  void refusesImpossibleNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PolynomialSchedule(0, 0.9, 0, 1))
        .withMessageContaining("base 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PolynomialSchedule(Double.NaN, 0.9, 0, 1))
        .withMessageContaining("base NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PolynomialSchedule(0.1, 0.9, 0, 0))
        .withMessage("the head's rate is a multiple above 0 of the backbone's, not 0.0");
  }
}
