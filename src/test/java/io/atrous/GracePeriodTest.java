package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class GracePeriodTest {

  private long nowNanos = -5;
  private final GracePeriod grace = new GracePeriod(Duration.ofSeconds(12), () -> nowNanos);

  @Test
  void givesThreeQuartersToTheDrain() {
    assertThat(grace.forDrain()).isEqualTo(Duration.ofSeconds(9));
  }

  @Test
  void givesEachStepAnEqualPartOfWhatIsLeft() {
    pass(9_000);

    assertThat(grace.forNextOf(3)).isEqualTo(Duration.ofSeconds(1));
    pass(1_000);
    assertThat(grace.forNextOf(2)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void leavesToLaterStepsWhatEarlierOnesDoNotNeed() {
    pass(100);

    assertThat(grace.forNextOf(1)).isEqualTo(Duration.ofMillis(11_900));
  }

  @Test
  void givesEachStepAMomentHoweverLateItIs() {
    pass(60_000);

    assertThat(grace.forNextOf(3)).isEqualTo(Duration.ofMillis(200));
  }

  private void pass(long millis) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
