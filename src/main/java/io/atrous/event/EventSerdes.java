package io.atrous.event;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Utils;

/** Makes the serde that a configuration names. */
public final class EventSerdes {

  private EventSerdes() {}

  /**
   * A configured serde for values of that type: ours, or one of another class that writes
   * Confluent's wire format, such as {@code
   * io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde}. Whichever it is, it throws {@link
   * InvalidEventException} for bad records and {@link SchemaRegistryException} if the registry
   * fails.
   *
   * @param key the configuration key that named the class
   * @throws ConfigException if the class isn't there, or refuses its configuration
   */
  public static <T extends SpecificRecord> Serde<T> create(
      Class<T> type, String key, String className, Map<String, ?> properties) {
    if (className.equals(AvroEventSerde.class.getName())) {
      AvroEventSerde<T> serde = new AvroEventSerde<>(type);
      serde.configure(properties, false);
      return serde;
    }
    AvroEnvironment.prepare();
    Map<String, Object> configuration = new HashMap<>(properties);
    configuration.putIfAbsent(SchemaRegistryConfig.SPECIFIC_AVRO_READER, true);
    configuration.putIfAbsent(SchemaRegistryConfig.REMOVE_JAVA_PROPERTIES, true);
    Serde<?> serde;
    try {
      serde = Utils.newInstance(className, Serde.class);
      serde.configure(configuration, false);
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw new ConfigException(
          key,
          className,
          "there is no such class; Confluent's serdes come with the Maven profile confluent");
    } catch (ConfigException e) {
      throw e;
    } catch (KafkaException | ClassCastException e) {
      throw new ConfigException(key, className, "it can't be used: " + e.getMessage());
    }
    return new ThirdPartySerde<>(type, serde);
  }
}
