package io.atrous.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rates by the time at which events happened. */
final class EventRateTest {

  private static final Instant START = Instant.parse("2026-01-02T12:00:00Z");

  private final EventRate rate = new EventRate();

  @Test
  void isTheRateOfTheLastSeconds() {
    film(START, 60, 4, Duration.ZERO);
    film(START.plusSeconds(60), 20, 25, Duration.ZERO);

    assertThat(rate.perSecond(START.plusSeconds(80))).isCloseTo(25, within(0.3));
  }

  @Test
  void aServiceThatCatchesUpDoesNotMakeACameraFaster() {
    Instant now = START.plus(Duration.ofHours(1));
    for (int frame = 0; frame < 600; frame++) {
      rate.note(START.plusMillis(frame * 100L), now.plusMillis(frame));
    }

    assertThat(rate.perSecond(now.plusMillis(600))).isCloseTo(10, within(0.2));
  }

  @Test
  void fallsToNothingWhenACameraFallsSilent() {
    film(START, 20, 10, Duration.ofSeconds(3));

    assertThat(rate.perSecond(START.plusSeconds(23))).isCloseTo(10, within(0.2));
    assertThat(rate.perSecond(START.plusSeconds(28))).isCloseTo(5, within(0.2));
    assertThat(rate.perSecond(START.plusSeconds(40))).isZero();
  }

  @Test
  void isRightFromTheFirstSecondsOn() {
    film(START, 2, 10, Duration.ZERO);

    assertThat(rate.perSecond(START.plusSeconds(2))).isCloseTo(10, within(0.5));
  }

  @Test
  void isNothingBeforeTheFirstEvent() {
    assertThat(rate.perSecond(START)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z"})
  void oneFrameWithAWrongTimeIsForgotten(Instant wrong) {
    film(START, 15, 10, Duration.ZERO);
    rate.note(wrong, START.plusSeconds(15));
    film(START.plusSeconds(15), 15, 10, Duration.ZERO);

    assertThat(rate.perSecond(START.plusSeconds(30))).isCloseTo(10, within(0.3));
  }

  private void film(Instant from, int seconds, int framesPerSecond, Duration latency) {
    for (int frame = 0; frame < seconds * framesPerSecond; frame++) {
      Instant captured = from.plusNanos(frame * 1_000_000_000L / framesPerSecond);
      rate.note(captured, captured.plus(latency));
    }
  }
}
