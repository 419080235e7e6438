package io.atrous.settings;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * The client settings that can't be passed through, because the service's promises rest on them.
 */
final class ReservedKeys {

  private static final String LOSES_FRAMES =
      "a handler that goes on after an error would commit frames that have no outcome";
  private static final String IS_THE_GUARANTEE =
      "the processing guarantee rests on it; choose '" + KafkaKeys.PROCESSING_GUARANTEE + "'";

  /** Key without client prefix, and why it is reserved. */
  private static final Map<String, String> REASONS = new LinkedHashMap<>();

  static {
    REASONS.put("processing.exception.handler", LOSES_FRAMES);
    REASONS.put("deserialization.exception.handler", LOSES_FRAMES);
    REASONS.put("default.deserialization.exception.handler", LOSES_FRAMES);
    REASONS.put("production.exception.handler", LOSES_FRAMES);
    REASONS.put("default.production.exception.handler", LOSES_FRAMES);
    REASONS.put(
        "default.timestamp.extractor",
        "an extractor that skips records would lose frames silently");
    REASONS.put(
        "processor.wrapper.class",
        "a wrapper around the processor could bypass its commit barrier");
    REASONS.put(
        "errors.dead.letter.queue.topic.name",
        "there is one dead-letter mechanism; set '" + TopicKeys.DEAD_LETTERS_TOPIC + "'");
    REASONS.put("enable.auto.commit", "commits must wait for the frames in flight");
    REASONS.put("auto.commit.interval.ms", "commits must wait for the frames in flight");
    REASONS.put("isolation.level", IS_THE_GUARANTEE);
    REASONS.put("enable.idempotence", IS_THE_GUARANTEE);
    REASONS.put("acks", IS_THE_GUARANTEE);
    REASONS.put("retries", IS_THE_GUARANTEE);
    REASONS.put("transactional.id", IS_THE_GUARANTEE);
    REASONS.put("max.in.flight.requests.per.connection", "the order of outcomes rests on it");
    REASONS.put("key.serializer", "the topology carries bytes");
    REASONS.put("value.serializer", "the topology carries bytes");
    REASONS.put("key.deserializer", "the topology carries bytes");
    REASONS.put("value.deserializer", "the topology carries bytes");
    REASONS.put("default.key.serde", "the topology carries bytes");
    REASONS.put("default.value.serde", "the topology carries bytes");
    REASONS.put("group.id", own(KafkaKeys.APPLICATION_ID));
    REASONS.put("application.id", own(KafkaKeys.APPLICATION_ID));
    REASONS.put(References.PROVIDERS, own(References.PROVIDERS));
    REASONS.put("bootstrap.servers", own(KafkaKeys.BOOTSTRAP_SERVERS));
    REASONS.put("processing.guarantee", own(KafkaKeys.PROCESSING_GUARANTEE));
    REASONS.put("num.stream.threads", own(KafkaKeys.STREAM_THREADS));
    REASONS.put("commit.interval.ms", own(KafkaKeys.COMMIT_INTERVAL_MS));
  }

  private ReservedKeys() {}

  /** Every reserved key, without client prefix, and why. */
  static Map<String, String> reasons() {
    return Collections.unmodifiableMap(REASONS);
  }

  /**
   * Refuses a reserved key.
   *
   * @param written the key as the user wrote it
   * @param bare the key without prefixes
   */
  static void check(String written, String bare) {
    String reason = REASONS.get(bare);
    if (reason != null) {
      throw new ConfigException("'" + written + "' can't be set: " + reason);
    }
  }

  private static String own(String key) {
    return "set '" + key + "' instead";
  }
}
