package io.atrous.ingest;

import java.time.Duration;
import org.apache.kafka.common.utils.ExponentialBackoff;

/**
 * How long to wait before a camera's program is started anew: twice as long each time that it
 * brought no steady stream, up to a limit, and a fifth more or less, by chance.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class RestartPauses {

  private static final double JITTER = 0.2;

  private final ExponentialBackoff backoff;
  private int failures;

  RestartPauses(Duration first, Duration longest) {
    this.backoff = new ExponentialBackoff(first.toMillis(), 2, longest.toMillis(), JITTER);
  }

  /**
   * Returns the pause after a stream.
   *
   * @param steady whether it was more than an attempt
   */
  Duration next(boolean steady) {
    failures = steady ? 0 : failures;
    return Duration.ofMillis(backoff.backoff(failures++));
  }
}
