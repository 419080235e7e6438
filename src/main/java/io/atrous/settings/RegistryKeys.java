package io.atrous.settings;

import io.atrous.event.SchemaRegistryConfig;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The keys of the schema registry, which are {@link SchemaRegistryConfig}'s. */
public final class RegistryKeys {

  private RegistryKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Schema registry").addAll(SchemaRegistryConfig.definition());
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
