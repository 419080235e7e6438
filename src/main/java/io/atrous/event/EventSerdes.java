package io.atrous.event;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Utils;

/**
 * Makes the serdes of all event types: ours, or those of another class that writes Confluent's wire
 * format, such as {@code io.confluent.kafka.streams.serdes.avro.SpecificAvroSerde}.
 *
 * <p><b>Threading:</b> thread-safe. Owns the serdes it makes.
 */
public final class EventSerdes implements AutoCloseable {

  /** The name that stands for our own serde. */
  public static final String OWN = AvroEventSerde.class.getName();

  private interface Factory {
    <T extends SpecificRecord> EventSerde<T> make(Class<T> type);
  }

  private final Factory factory;
  private final Queue<AutoCloseable> parts = new ConcurrentLinkedQueue<>();

  private EventSerdes(Factory factory) {
    this.factory = factory;
  }

  /**
   * Returns the serdes that a configuration asks for.
   *
   * @param key the configuration key that names the class
   * @param className {@link #OWN}, or a class that the thread's context class loader finds
   * @param settings the registry's settings, under Confluent's names
   * @throws ConfigException if the class isn't there, or refuses its configuration
   */
  public static EventSerdes of(String key, String className, Map<String, ?> settings) {
    if (className.equals(OWN)) {
      SchemaRegistryClient registry = new SchemaRegistryClient(new SchemaRegistryConfig(settings));
      EventSerdes serdes = own(settings, registry);
      serdes.parts.add(registry);
      return serdes;
    }
    return thirdParty(key, className, settings);
  }

  /**
   * Returns serdes of our own.
   *
   * @param registry shared by the serdes; stays the caller's
   */
  public static EventSerdes own(Map<String, ?> settings, SchemaRegistryClient registry) {
    return new EventSerdes(
        new Factory() {
          @Override
          public <T extends SpecificRecord> EventSerde<T> make(Class<T> type) {
            AvroEventSerde<T> serde = new AvroEventSerde<>(type, registry);
            serde.configure(settings, false);
            return serde;
          }
        });
  }

  private static EventSerdes thirdParty(String key, String className, Map<String, ?> settings) {
    AvroEnvironment.prepare();
    Class<?> serdeClass = load(key, className);
    Map<String, Object> writing = new HashMap<>(settings);
    writing.putIfAbsent(SchemaRegistryConfig.SPECIFIC_AVRO_READER, true);
    writing.putIfAbsent(SchemaRegistryConfig.REMOVE_JAVA_PROPERTIES, true);
    Map<String, Object> reading = withinDeadline(writing);
    return new EventSerdes(
        new Factory() {
          @Override
          public <T extends SpecificRecord> EventSerde<T> make(Class<T> type) {
            return new ThirdPartySerde<>(
                "'%s' = %s".formatted(key, className),
                type,
                newSerde(key, serdeClass, writing),
                () -> newSerde(key, serdeClass, reading));
          }
        });
  }

  /** Others know no deadline: two tries on each URL must fit, unless their times are set. */
  private static Map<String, Object> withinDeadline(Map<String, Object> settings) {
    SchemaRegistryConfig config = new SchemaRegistryConfig(settings);
    Duration share = config.requestDeadline().dividedBy(5L * config.urls().size());
    int millis = (int) Math.max(1, share.toMillis());
    Map<String, Object> result = new HashMap<>(settings);
    result.putIfAbsent(SchemaRegistryConfig.MAX_RETRIES, 1);
    result.putIfAbsent(SchemaRegistryConfig.CONNECT_TIMEOUT_MS, millis);
    result.putIfAbsent(SchemaRegistryConfig.READ_TIMEOUT_MS, millis);
    result.putIfAbsent(SchemaRegistryConfig.RETRIES_WAIT_MS, Math.min(100, millis));
    return result;
  }

  private static Class<?> load(String key, String className) {
    try {
      return Utils.loadClass(className, Serde.class);
    } catch (ClassNotFoundException e) {
      throw new ConfigException(
          key,
          className,
          "there is no such class; Confluent's serdes come with the Maven profile confluent");
    } catch (LinkageError e) {
      throw new ConfigException(key, className, "it can't be loaded: " + e);
    } catch (ClassCastException e) {
      throw new ConfigException(key, className, "it is no " + Serde.class.getName());
    }
  }

  private static Serde<?> newSerde(String key, Class<?> serdeClass, Map<String, Object> settings) {
    try {
      Serde<?> serde = (Serde<?>) Utils.newInstance(serdeClass);
      serde.configure(settings, false);
      return serde;
    } catch (RuntimeException | LinkageError e) {
      throw new ConfigException(
          key,
          serdeClass.getName(),
          "it can't be used: " + (e instanceof LinkageError ? e : e.getMessage()));
    }
  }

  /** A configured serde for values of that type. */
  public <T extends SpecificRecord> EventSerde<T> serde(Class<T> type) {
    EventSerde<T> serde = factory.make(type);
    parts.add(serde);
    return serde;
  }

  @Override
  public void close() {
    parts.forEach(part -> Utils.closeQuietly(part, "event serde"));
  }
}
