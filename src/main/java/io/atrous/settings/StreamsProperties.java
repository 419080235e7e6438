package io.atrous.settings;

import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The service's settings of Kafka Streams, over which the user's pass-through settings lie. */
public final class StreamsProperties {

  private StreamsProperties() {}

  /**
   * The settings of an instance.
   *
   * @param clientId what the names of its clients begin with
   */
  public static Properties of(AbstractConfig config, String clientId) {
    Properties properties = of(config);
    properties.put(StreamsConfig.CLIENT_ID_CONFIG, clientId);
    return properties;
  }

  static Properties of(AbstractConfig config) {
    Properties properties = new Properties();
    // A late frame is worth little: ask often. Streams' own default adds 100 ms of latency.
    properties.put(StreamsConfig.POLL_MS_CONFIG, 1);
    // Frames are large: what is fetched ahead is memory, and gains nothing behind a full window.
    // And a thread takes from a partition's fetch until that is empty, and asks for more only once
    // it is through with what it has: the frames of a flooded partition delay all its others.
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 16);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 16);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 << 10);
    // A camera's frames must not wait for those of another topic.
    properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    // A mask leaves at once; while it is on its way, the regions behind it gather.
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    if (!KafkaKeys.usesStreamsProtocol(config)) {
      // Who stops leaves the group; who is killed is missed after a session. The others hear of
      // either with their next heartbeat.
      properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 15_000);
      properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_000);
    }
    properties.putAll(KafkaKeys.passedThrough(config));
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.getString(KafkaKeys.APPLICATION_ID));
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, KafkaKeys.bootstrapServers(config));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, KafkaKeys.guarantee(config).key());
    properties.put(
        StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.getInt(KafkaKeys.STREAM_THREADS));
    properties.put(
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.getInt(KafkaKeys.COMMIT_INTERVAL_MS));
    return properties;
  }
}
