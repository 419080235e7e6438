package io.atrous.ingest;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Says when a camera's pictures arrive: by this machine's clock, in microseconds, and each later
 * than the one before, even if the clock is set back.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class ArrivalClock {

  private final Clock clock;
  private Instant last = Instant.MIN;

  ArrivalClock(Clock clock) {
    this.clock = clock;
  }

  Instant next() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    last = now.isAfter(last) ? now : last.plus(1, ChronoUnit.MICROS);
    return last;
  }
}
