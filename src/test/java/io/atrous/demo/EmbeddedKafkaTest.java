package io.atrous.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class EmbeddedKafkaTest {

  @Test
  void keepsRecordsOfFourMegabytesOverAKillAndLeavesNothingBehind() throws Exception {
    long before = directories();
    ProcessHandle child;
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      child =
          ProcessHandle.current()
              .children()
              .filter(EmbeddedKafkaTest::isBroker)
              .findFirst()
              .orElseThrow();
      assertThat(directories()).isEqualTo(before + 1);
      kafka.createTopic("frames", 2);
      byte[] value = new byte[4 << 20];
      send(kafka, new ProducerRecord<>("frames", 1, null, value));

      kafka.kill();
      kafka.restart();

      assertThat(read(kafka, new TopicPartition("frames", 1)).value()).hasSize(4 << 20);
      assertThat(child.isAlive()).isFalse();
      child =
          ProcessHandle.current()
              .children()
              .filter(EmbeddedKafkaTest::isBroker)
              .findFirst()
              .orElseThrow();
    }
    assertThat(child.isAlive()).isFalse();
    assertThat(directories()).isEqualTo(before);
  }

  @Test
  void tellsWhyTheBrokerDidNotStart() throws IOException {
    long before = directories();

    assertThatThrownBy(() -> EmbeddedKafka.start(Map.of("log.segment.bytes", "many")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("The embedded Kafka broker did not start; its log ends:")
        .hasMessageContaining("log.segment.bytes");

    assertThat(directories()).isEqualTo(before);
  }

  private static boolean isBroker(ProcessHandle process) {
    return process.info().commandLine().orElse("").contains(EmbeddedBroker.class.getName());
  }

  private static long directories() throws IOException {
    try (Stream<Path> entries = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return entries.filter(p -> p.getFileName().toString().startsWith("atrous-kafka-")).count();
    }
  }

  private static void send(EmbeddedKafka kafka, ProducerRecord<byte[], byte[]> record)
      throws Exception {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "max.request.size",
            EmbeddedKafka.MESSAGE_MAX_BYTES);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
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
