package io.atrous.settings;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The configurations that Kafka itself makes of the service's: Streams', and those that Streams
 * derives from it for its clients.
 *
 * <p><b>Threading:</b> immutable.
 */
public record KafkaClients(
    StreamsConfig streams, AbstractConfig consumer, AbstractConfig producer) {

  private static final String CLIENT_ID = "check";

  /**
   * Makes them; nothing is connected.
   *
   * @throws ConfigException in one sentence, if Kafka refuses a value or two that go together
   */
  public static KafkaClients of(AbstractConfig config) {
    Map<String, Object> given = KafkaKeys.passedThrough(config);
    try {
      StreamsConfig streams = new StreamsConfig(StreamsProperties.of(config), false) {};
      String group = config.getString(KafkaKeys.APPLICATION_ID);
      var unused = new AdminClientConfig(streams.getAdminConfigs(CLIENT_ID), false) {};
      return new KafkaClients(
          streams,
          consumer(streams.getMainConsumerConfigs(group, CLIENT_ID, 0)),
          producer(streams.getProducerConfigs(CLIENT_ID)));
    } catch (ConfigException | IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new ConfigException(
          given.keySet().stream()
                  .filter(key -> message.contains(PassThrough.withoutClient(key)))
                  .findFirst()
                  .map(key -> "'" + KafkaKeys.STREAMS_PREFIX + key + "': ")
                  .orElse("")
              + message);
    }
  }

  private static AbstractConfig consumer(Map<String, Object> properties) {
    properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return new ConsumerConfig(properties, false) {};
  }

  /** Kafka's own class would log all values. */
  private static AbstractConfig producer(Map<String, Object> properties) {
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return new AbstractConfig(ProducerConfig.configDef(), properties, false);
  }

  /** The time for which a member of the group may be silent. */
  public Duration session() {
    return Duration.ofMillis(consumer.getInt(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG));
  }

  /** Returns whether members are static (KIP-345): they keep their place over a restart. */
  public boolean areStaticMembers() {
    return consumer.getString(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG) != null;
  }

  /** The largest record that the service's producers can send. */
  int maxRequestBytes() {
    return producer.getInt(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
  }
}
