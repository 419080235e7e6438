package io.atrous.event;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * One event type in Confluent's wire format, configured with Confluent's keys (see {@link
 * SchemaRegistryConfig}).
 *
 * <p>Reading and writing throw {@link InvalidEventException} if the record or event is bad, and
 * {@link SchemaRegistryException} if the registry fails, which says nothing about the record. A
 * null value is a null event, both ways.
 *
 * <p><b>Threading:</b> configure it once, before other threads see it; from then on it and its two
 * halves are thread-safe. It owns its registry client unless it was given one.
 */
public final class AvroEventSerde<T extends SpecificRecord> implements EventSerde<T> {

  static {
    AvroEnvironment.prepare();
  }

  private static final String SPECIFIC_VALUE_TYPE = "specific.avro.value.type";
  private static final String SPECIFIC_KEY_TYPE = "specific.avro.key.type";

  private final Class<T> type;
  private final @Nullable SchemaRegistryClient sharedRegistry;
  private @Nullable SchemaRegistryClient ownRegistry;
  private @Nullable EventSerializer<T> serializer;
  private @Nullable EventDeserializer<T> deserializer;

  public AvroEventSerde(Class<T> type) {
    this(type, null);
  }

  /** A serde that shares a client with others; whoever made the client closes it. */
  public AvroEventSerde(Class<T> type, @Nullable SchemaRegistryClient sharedRegistry) {
    AvroEnvironment.trust(type);
    this.type = type;
    this.sharedRegistry = sharedRegistry;
  }

  /**
   * Reads its keys; says nothing to the registry yet.
   *
   * @throws ConfigException if a key is missing, contradicts another, or asks for what isn't
   *     supported
   */
  @Override
  public void configure(Map<String, ?> properties, boolean isKey) {
    SchemaRegistryConfig config = new SchemaRegistryConfig(properties);
    Object wanted = properties.get(isKey ? SPECIFIC_KEY_TYPE : SPECIFIC_VALUE_TYPE);
    String wantedName = wanted instanceof Class<?> c ? c.getName() : String.valueOf(wanted);
    if (wanted != null && !wantedName.equals(type.getName())) {
      throw new ConfigException(
          (isKey ? SPECIFIC_KEY_TYPE : SPECIFIC_VALUE_TYPE)
              + " is "
              + wantedName
              + ", but this serde is for "
              + type.getName()
              + ": remove the key.");
    }
    close();
    SchemaRegistryClient registry = sharedRegistry;
    if (registry == null) {
      registry = new SchemaRegistryClient(config);
      ownRegistry = registry;
    }
    serializer = new EventSerializer<>(type, config, registry, isKey);
    deserializer = new EventDeserializer<>(type, registry);
  }

  @Override
  public void prepare(String topic) {
    configured(serializer).target(topic);
  }

  @Override
  public Serializer<T> serializer() {
    return configured(serializer);
  }

  @Override
  public Deserializer<T> deserializer() {
    return configured(deserializer);
  }

  private static <P> P configured(@Nullable P part) {
    if (part == null) {
      throw new IllegalStateException("configure the serde before using it");
    }
    return part;
  }

  @Override
  public void close() {
    if (ownRegistry != null) {
      ownRegistry.close();
      ownRegistry = null;
    }
  }
}
