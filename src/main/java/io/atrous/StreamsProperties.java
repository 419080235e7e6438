package io.atrous;

import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;

/** The service's settings of Kafka Streams, over which the user's pass-through settings lie. */
final class StreamsProperties {

  private static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;

  /** A dead letter without its source must always fit. */
  private static final int MIN_MAX_REQUEST_BYTES = 64 << 10;

  private StreamsProperties() {}

  static Properties of(ServiceConfig config) {
    Properties properties = new Properties();
    // A late frame is worth little: ask often. Streams' own default adds 100 ms of latency.
    properties.put(StreamsConfig.POLL_MS_CONFIG, 1);
    // Frames are large: what is fetched ahead is memory, and gains nothing behind a full window.
    // And a thread takes from a partition's fetch until that is empty, and asks for more only once
    // it is through with what it has: the frames of a flooded partition delay all its others.
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 16);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 16);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 << 10);
    // Kafka's own default, written down because it is memory too.
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, ConsumerConfig.DEFAULT_FETCH_MAX_BYTES);
    // A camera's frames must not wait for those of another topic.
    properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    // A mask leaves at once; while it is on its way, the regions behind it gather.
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.putAll(config.streamsSettings());
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, config.guarantee().key());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.streamThreads());
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitIntervalMillis());
    return properties;
  }

  /**
   * Refuses client settings that can't be.
   *
   * @throws ConfigException if one can't
   */
  static void check(ServiceConfig config) {
    maxRequestBytes(config);
  }

  /**
   * The largest record the service's producers can send.
   *
   * @throws ConfigException if it is set to what is no size
   */
  static int maxRequestBytes(ServiceConfig config) {
    String key = ProducerConfig.MAX_REQUEST_SIZE_CONFIG;
    String value =
        config
            .streamsSettings()
            .getOrDefault(StreamsConfig.producerPrefix(key), config.streamsSettings().get(key));
    if (value == null) {
      return DEFAULT_MAX_REQUEST_BYTES;
    }
    try {
      int bytes = Integer.parseInt(value.strip());
      if (bytes >= MIN_MAX_REQUEST_BYTES) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ConfigException(
        ServiceConfig.STREAMS_PREFIX + "producer." + key,
        value,
        "must be a number of bytes, at least " + MIN_MAX_REQUEST_BYTES);
  }
}
