package io.atrous.stream;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What a topic takes of a record.
 *
 * @param maxBatchBytes size of the largest batch, its header included
 * @param compacted true if a record must have a key
 * @param maxBehindMillis distance that a record's timestamp may lie behind the broker's clock
 * @param maxAheadMillis distance that it may lie ahead of it
 */
public record TopicLimits(
    int maxBatchBytes, boolean compacted, long maxBehindMillis, long maxAheadMillis) {

  /**
   * The limits of a topic whose configuration nobody may read: Kafka's defaults, but any size, for
   * the producer's own limit is the better guess.
   */
  public static final TopicLimits UNKNOWN =
      new TopicLimits(Integer.MAX_VALUE, false, Long.MAX_VALUE, TimeUnit.HOURS.toMillis(1));

  /** What a batch adds to the key and value of its only record, at most. */
  static final int BATCH_OVERHEAD_BYTES = 61 + 36;

  /** A dead letter without its source must always fit. */
  private static final int MIN_BATCH_BYTES = 2_048;

  /** Clocks of two machines are hardly ever closer. */
  private static final long MIN_SPAN_MILLIS = 1_000;

  /** How much the clocks of a broker and a client may differ, and how long a record may travel. */
  private static final long CLOCK_TOLERANCE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** One bound in both directions, of brokers before Kafka 4.0. */
  private static final String MESSAGE_TIMESTAMP_DIFFERENCE_MAX_MS =
      "message.timestamp.difference.max.ms";

  /**
   * Reads the limits from a topic's configuration.
   *
   * @param config values by key; what is missing is Kafka's default
   */
  public static TopicLimits of(Map<String, String> config) {
    int maxBatchBytes =
        (int)
            Math.min(
                number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.MAX_VALUE),
                number(config, TopicConfig.SEGMENT_BYTES_CONFIG, Integer.MAX_VALUE));
    boolean compacted =
        config
            .getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE)
            .toLowerCase(Locale.ROOT)
            .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    if ("LogAppendTime".equals(config.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG))) {
      return new TopicLimits(maxBatchBytes, compacted, Long.MAX_VALUE, Long.MAX_VALUE);
    }
    long both = number(config, MESSAGE_TIMESTAMP_DIFFERENCE_MAX_MS, Long.MAX_VALUE);
    return new TopicLimits(
        maxBatchBytes,
        compacted,
        Math.min(
            both,
            number(
                config,
                TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                UNKNOWN.maxBehindMillis)),
        Math.min(
            both,
            number(
                config,
                TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                UNKNOWN.maxAheadMillis)));
  }

  private static long number(Map<String, String> config, String key, long otherwise) {
    String value = config.get(key);
    return value == null ? otherwise : Long.parseLong(value);
  }

  /** Says in words, after the topic's name, why it can't take any outcome; nothing if it can. */
  public Optional<String> flaw() {
    if (maxBatchBytes < MIN_BATCH_BYTES) {
      return Optional.of(
          "takes no more than %d bytes at once, too few for any outcome: raise its %s (and %s) to at least %d"
              .formatted(
                  maxBatchBytes,
                  TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                  TopicConfig.SEGMENT_BYTES_CONFIG,
                  MIN_BATCH_BYTES));
    }
    if (saturatedSum(maxBehindMillis, maxAheadMillis) < MIN_SPAN_MILLIS) {
      return Optional.of(
          "takes no timestamp but its broker's present time: raise its %s or %s, or set %s=LogAppendTime"
              .formatted(
                  TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
                  TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                  TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG));
    }
    return Optional.empty();
  }

  /** Returns the same limits without that on the size. */
  public TopicLimits ofAnySize() {
    return new TopicLimits(Integer.MAX_VALUE, compacted, maxBehindMillis, maxAheadMillis);
  }

  /** Tells whether a record of this size fits. */
  boolean fits(int keyAndValueBytes) {
    return keyAndValueBytes <= maxBatchBytes - BATCH_OVERHEAD_BYTES;
  }

  /**
   * Returns the timestamp that the topic takes and that is nearest to the wanted one.
   *
   * @param nowMillis present time by our clock, from which the broker's may differ
   */
  long nearestTimestampMillis(long wantedMillis, long nowMillis) {
    long marginMillis = Math.min(CLOCK_TOLERANCE_MILLIS, maxBehindMillis / 2 + maxAheadMillis / 2);
    long firstMillis = nowMillis - maxBehindMillis + marginMillis;
    long lastMillis = saturatedSum(nowMillis, maxAheadMillis) - marginMillis;
    return Math.max(0, Math.max(firstMillis, Math.min(lastMillis, wantedMillis)));
  }

  private static long saturatedSum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
