package io.atrous.settings;

import io.atrous.event.EventSerdes;
import io.atrous.event.SchemaRegistryConfig;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The keys of how events are encoded: {@link SchemaRegistryConfig}'s, and the serde's. */
public final class RegistryKeys {

  public static final String EVENT_SERDE = "event.serde";

  private RegistryKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Schema registry")
        .text(
            EVENT_SERDE,
            EventSerdes.OWN,
            "The class that reads and writes all events: the default, or another Kafka Serde in"
                + " Confluent's wire format such as"
                + " io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde, configured with the"
                + " keys below. Confluent's own client doesn't know "
                + SchemaRegistryConfig.REQUEST_DEADLINE_MS
                + "; its time-outs and retries are chosen to fit unless they are set.")
        .addAll(SchemaRegistryConfig.definition());
  }

  /** The serdes of all events; the caller's to close. */
  public static EventSerdes serdes(AbstractConfig config) {
    return EventSerdes.of(EVENT_SERDE, config.getString(EVENT_SERDE), properties(config));
  }

  /** The registry's settings, under Confluent's names, as far as they are set. */
  public static Map<String, Object> properties(AbstractConfig config) {
    Map<String, Object> properties = new HashMap<>(config.originals());
    properties.keySet().retainAll(SchemaRegistryConfig.definition().names());
    return properties;
  }

  /**
   * How to reach the registry.
   *
   * @throws org.apache.kafka.common.config.ConfigException if its settings contradict each other
   */
  public static SchemaRegistryConfig registry(AbstractConfig config) {
    return new SchemaRegistryConfig(properties(config));
  }
}
