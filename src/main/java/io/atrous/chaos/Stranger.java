package io.atrous.chaos;

import io.atrous.event.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer of another program that was given the service's group by mistake. It commits nothing.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Stranger implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaConsumer<byte[], byte[]> consumer;

  Stranger(String bootstrapServers, String groupId) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ConsumerConfig.GROUP_ID_CONFIG, groupId,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(Topics.FRAMES));
  }

  /**
   * Tries to be a member, or goes on being one.
   *
   * @return true if it has partitions
   */
  boolean poll() {
    try {
      consumer.poll(POLL);
    } catch (ApiException e) {
      // The group has other members, and lets no stranger in.
      return false;
    }
    return !consumer.assignment().isEmpty();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
