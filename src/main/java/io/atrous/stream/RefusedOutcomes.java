package io.atrous.stream;

import io.atrous.event.DeadLetterReason;
import io.atrous.stream.Outcome.Channel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers outcomes that a broker has refused for good. Their frames are read again, and each gets
 * less: instead of a mask a dead letter, instead of a dead letter the smallest one. If that is
 * refused too, nothing is left to try, and the service has to stop.
 *
 * <p>What a consumer has read is never taken back: under at-least-once a part of a refused outcome
 * may be in the topics already (docs/guarantees.md).
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class RefusedOutcomes {

  private static final Logger LOG = LoggerFactory.getLogger(RefusedOutcomes.class);

  /** Those of one commit must fit, or it would be tried for ever. */
  private static final int MAX_OUTCOMES = 65_536;

  /**
   * What has been refused of an outcome.
   *
   * @param results reason of the dead letter that comes instead of a mask; null if no mask or
   *     region was refused
   * @param message its message
   * @param deadLetter true if a dead letter was refused
   */
  record Refusal(@Nullable DeadLetterReason results, String message, boolean deadLetter) {

    private static final Refusal NONE = new Refusal(null, "", false);

    private Refusal andResults(RuntimeException cause, String words) {
      boolean large =
          cause instanceof RecordTooLargeException || cause instanceof RecordBatchTooLargeException;
      return results != null
          ? this
          : new Refusal(
              large ? DeadLetterReason.OUTCOME_TOO_LARGE : DeadLetterReason.OUTCOME_REFUSED,
              words,
              deadLetter);
    }

    private Refusal andDeadLetter() {
      return new Refusal(results, message, true);
    }
  }

  private final Map<String, Refusal> refusals =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Refusal> eldest) {
          return size() > MAX_OUTCOMES;
        }
      };
  private long count;
  private boolean hopeless;

  /** Notes that a broker has refused a record. */
  synchronized void note(OutgoingRecord record, String topic, RuntimeException cause) {
    Refusal before = refusals.getOrDefault(record.outcomeId(), Refusal.NONE);
    boolean isDeadLetter = record.channel() == Channel.DEAD_LETTERS;
    if (isDeadLetter && before.deadLetter()) {
      hopeless = true;
      return;
    }
    count++;
    String message =
        "the broker refuses an event for the %s topic: %s".formatted(topic, cause.getMessage());
    Refusal after = isDeadLetter ? before.andDeadLetter() : before.andResults(cause, message);
    if (!after.equals(before)) {
      LOG.warn("Outcome {}: {}", record.outcomeId(), message);
      refusals.put(record.outcomeId(), after);
    }
  }

  /** What has been refused of an outcome, if anything. */
  synchronized Optional<Refusal> of(String outcomeId) {
    return Optional.ofNullable(refusals.get(outcomeId));
  }

  /** Tells whether a smallest dead letter was refused: the service has to stop. */
  synchronized boolean isHopeless() {
    return hopeless;
  }

  /** Returns how many records have been refused since the start. */
  public synchronized long count() {
    return count;
  }
}
