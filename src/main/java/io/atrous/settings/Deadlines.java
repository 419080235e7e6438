package io.atrous.settings;

import io.atrous.event.SchemaRegistryConfig;
import io.atrous.payload.PayloadSettings;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * Checks that a commit's wait for the frames in flight ends before Kafka gives the instance up: a
 * drain that outlasts the transaction or the poll interval would be fenced half way. What the
 * thread waits before, for room, is bounded by the device's pace and not checked here; a fenced
 * transaction loses no frame, it repeats them.
 */
final class Deadlines {

  private Deadlines() {}

  static void check(AbstractConfig config, KafkaClients clients) {
    int drainMillis = config.getInt(KafkaKeys.DRAIN_TIMEOUT_MS);
    PayloadSettings payloads = ClaimCheckKeys.payloads(config);
    if (!payloads.allowed().isEmpty()) {
      halfOfDrain(ClaimCheckKeys.TIMEOUT_MS, payloads.timeout().toMillis(), drainMillis);
    }
    checkRegistry(config, payloads, drainMillis);
    int busyMillis = drainMillis + config.getInt(KafkaKeys.COMMIT_INTERVAL_MS);
    if (KafkaKeys.guarantee(config) == ProcessingGuarantee.EXACTLY_ONCE_V2) {
      below(
          config,
          busyMillis,
          clients.producer().getInt(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
          "producer.transaction.timeout.ms");
    }
    below(
        config,
        busyMillis,
        clients.consumer().getInt(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG),
        "consumer.max.poll.interval.ms");
  }

  /** The other half of the drain is the network's. */
  private static void halfOfDrain(String key, long millis, int drainMillis) {
    if (2 * millis > drainMillis) {
      throw new ConfigException(
          "'%s' (%d) can't be more than half of '%s' (%d)"
              .formatted(key, millis, KafkaKeys.DRAIN_TIMEOUT_MS, drainMillis));
    }
  }

  /**
   * A frame may wait for its schema, then for its payload; of what the payload leaves the network
   * may take half.
   */
  private static void checkRegistry(
      AbstractConfig config, PayloadSettings payloads, int drainMillis) {
    long registryMillis = RegistryKeys.registry(config).requestDeadline().toMillis();
    long fetchMillis = payloads.allowed().isEmpty() ? 0 : payloads.timeout().toMillis();
    if (2 * registryMillis > drainMillis - fetchMillis) {
      throw new ConfigException(
          "'%s' (%d) can't be more than half of '%s' (%d)%s"
              .formatted(
                  SchemaRegistryConfig.REQUEST_DEADLINE_MS,
                  registryMillis,
                  KafkaKeys.DRAIN_TIMEOUT_MS,
                  drainMillis,
                  fetchMillis == 0
                      ? ""
                      : " less '%s' (%d)".formatted(ClaimCheckKeys.TIMEOUT_MS, fetchMillis)));
    }
  }

  private static void below(
      AbstractConfig config, int busyMillis, int limitMillis, String limitKey) {
    if (busyMillis >= limitMillis) {
      throw new ConfigException(
          "'%s' (%d) and '%s' (%d) together must stay below '%s%s' (%d)"
              .formatted(
                  KafkaKeys.DRAIN_TIMEOUT_MS,
                  config.getInt(KafkaKeys.DRAIN_TIMEOUT_MS),
                  KafkaKeys.COMMIT_INTERVAL_MS,
                  config.getInt(KafkaKeys.COMMIT_INTERVAL_MS),
                  KafkaKeys.STREAMS_PREFIX,
                  limitKey,
                  limitMillis));
    }
  }
}
