package io.atrous.stream;

import io.atrous.stream.Outcome.Channel;
import java.time.Clock;
import java.util.Map;

/**
 * What the output topics take: their limits as far as they are known, and the outcomes that they
 * have refused all the same.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class OutputTopics {

  private final Clock clock;
  private final RefusedOutcomes refused = new RefusedOutcomes();
  private volatile Map<Channel, TopicLimits> limits = Map.of();

  /**
   * Begins without knowledge.
   *
   * @param clock the clock that records' timestamps are held against
   */
  public OutputTopics(Clock clock) {
    this.clock = clock;
  }

  /** Takes limits that have been read; they hold from now on. */
  public void learn(Map<Channel, TopicLimits> read) {
    limits = Map.copyOf(read);
  }

  public RefusedOutcomes refused() {
    return refused;
  }

  TopicLimits limits(Channel channel) {
    return limits.getOrDefault(channel, TopicLimits.UNKNOWN);
  }

  /**
   * Returns a record's timestamp: the wanted one, or the nearest that the topic takes; the present
   * time for an outcome that has been refused before.
   */
  long timestampMillis(Channel channel, String outcomeId, long wantedMillis) {
    long nowMillis = clock.millis();
    return limits(channel)
        .nearestTimestampMillis(
            refused.of(outcomeId).isPresent() ? nowMillis : wantedMillis, nowMillis);
  }
}
