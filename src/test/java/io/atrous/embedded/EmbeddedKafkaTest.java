package io.atrous.embedded;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class EmbeddedKafkaTest {

  @Test
  void keepsRecordsOfFourMegabytesOverAKillAndLeavesNothingBehind(@TempDir Path temporary)
      throws Exception {
    ProcessHandle killed;
    ProcessHandle closed;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(1, Map.of(), Map.of(), temporary)) {
      killed = requireNonNull(kafka.child(0));
      kafka.createTopic("frames", 2);
      send(kafka, new ProducerRecord<>("frames", 1, null, new byte[4 << 20]));

      kafka.kill(0);
      assertThat(killed.isAlive()).isFalse();
      kafka.restart(0);

      closed = requireNonNull(kafka.child(0));
      assertThat(read(kafka, new TopicPartition("frames", 1)).value()).hasSize(4 << 20);
    }
    assertThat(closed.isAlive()).isFalse();
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void ofThreeBrokersOneMayDie(@TempDir Path temporary) throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(3, Map.of(), Map.of(), temporary)) {
      kafka.createTopic("frames", 3);

      kafka.kill(1);

      for (int partition = 0; partition < 3; partition++) {
        send(kafka, new ProducerRecord<>("frames", partition, null, new byte[1]));
        assertThat(read(kafka, new TopicPartition("frames", partition)).value()).hasSize(1);
      }
    }
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void tellsWhyTheBrokerDidNotStart(@TempDir Path temporary) {
    assertThatThrownBy(
            () -> EmbeddedKafka.start(1, Map.of("log.segment.bytes", "many"), Map.of(), temporary))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("The embedded Kafka broker did not start; its log ends:")
        .hasMessageContaining("log.segment.bytes");

    assertThat(temporary).isEmptyDirectory();
  }

  private static void send(EmbeddedKafka kafka, ProducerRecord<byte[], byte[]> record)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      producer.send(record).get(30, TimeUnit.SECONDS);
    }
  }

  private static ConsumerRecord<byte[], byte[]> read(
      EmbeddedKafka kafka, TopicPartition partition) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      return consumer.poll(Duration.ofSeconds(30)).iterator().next();
    }
  }
}
