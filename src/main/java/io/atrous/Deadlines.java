package io.atrous;

import io.atrous.event.SchemaRegistryConfig;
import io.atrous.payload.PayloadSettings;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * Checks that a commit's wait for the frames in flight ends before Kafka gives the instance up: a
 * drain that outlasts the transaction or the poll interval would be fenced half way. What the
 * thread waits before, for room, is bounded by the device's pace and not checked here; a fenced
 * transaction loses no frame, it repeats them.
 */
final class Deadlines {

  private static final int DEFAULT_TRANSACTION_TIMEOUT_MS = 10_000;
  private static final int DEFAULT_MAX_POLL_INTERVAL_MS = 300_000;

  private Deadlines() {}

  static void check(ServiceConfig config) {
    checkReferences(config);
    checkRegistry(config);
    if (config.guarantee() == ServiceConfig.ProcessingGuarantee.EXACTLY_ONCE_V2) {
      int transaction =
          value(
              config.streamsSettings(),
              "transaction.timeout.ms",
              "producer.",
              DEFAULT_TRANSACTION_TIMEOUT_MS);
      below(config, transaction, "producer.transaction.timeout.ms");
    }
    int poll =
        value(
            config.streamsSettings(),
            "max.poll.interval.ms",
            "main.consumer.",
            value(
                config.streamsSettings(),
                "max.poll.interval.ms",
                "consumer.",
                DEFAULT_MAX_POLL_INTERVAL_MS));
    below(config, poll, "consumer.max.poll.interval.ms");
  }

  /** The other half of the drain is the network's. */
  private static void checkReferences(ServiceConfig config) {
    PayloadSettings references = config.references();
    if (!references.allowed().isEmpty()
        && 2 * references.timeout().toMillis() > config.drainTimeoutMillis()) {
      throw new ConfigException(
          "'"
              + ServiceConfig.REFERENCES_TIMEOUT_MS
              + "' ("
              + references.timeout().toMillis()
              + ") can't be more than half of '"
              + ServiceConfig.DRAIN_TIMEOUT_MS
              + "' ("
              + config.drainTimeoutMillis()
              + ")");
    }
  }

  /** A frame may wait for its schema, then for its payload. */
  private static void checkRegistry(ServiceConfig config) {
    long registryMillis =
        new SchemaRegistryConfig(config.schemaRegistrySettings()).requestDeadline().toMillis();
    PayloadSettings references = config.references();
    boolean fetches = !references.allowed().isEmpty();
    long referencesMillis = fetches ? references.timeout().toMillis() : 0;
    if (registryMillis + referencesMillis >= config.drainTimeoutMillis()) {
      throw new ConfigException(
          "'"
              + SchemaRegistryConfig.REQUEST_DEADLINE_MS
              + "' ("
              + registryMillis
              + ")"
              + (fetches
                  ? " and '"
                      + ServiceConfig.REFERENCES_TIMEOUT_MS
                      + "' ("
                      + referencesMillis
                      + ") together"
                  : "")
              + " must stay below '"
              + ServiceConfig.DRAIN_TIMEOUT_MS
              + "' ("
              + config.drainTimeoutMillis()
              + ")");
    }
  }

  private static void below(ServiceConfig config, int limitMillis, String limitKey) {
    if (config.drainTimeoutMillis() + config.commitIntervalMillis() >= limitMillis) {
      throw new ConfigException(
          "'"
              + ServiceConfig.DRAIN_TIMEOUT_MS
              + "' ("
              + config.drainTimeoutMillis()
              + ") and '"
              + ServiceConfig.COMMIT_INTERVAL_MS
              + "' ("
              + config.commitIntervalMillis()
              + ") together must stay below '"
              + ServiceConfig.STREAMS_PREFIX
              + limitKey
              + "' ("
              + limitMillis
              + ")");
    }
  }

  private static int value(
      Map<String, String> settings, String key, String prefix, int defaultValue) {
    String text = settings.getOrDefault(prefix + key, settings.get(key));
    if (text == null) {
      return defaultValue;
    }
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new ConfigException(ServiceConfig.STREAMS_PREFIX + prefix + key, text, "not a number");
    }
  }
}
