package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ConfluentSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.event.MaskEvent;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.RgbImage;
import io.atrous.model.Model;
import io.atrous.settings.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole service reads and writes by Confluent's own classes: real broker, shipped model. */
@ExtendWith(SharedKafka.class)
@Timeout(240)
@Tag("slow")
final class ConfluentServiceTest {

  private static final List<String> TOPICS =
      List.of("confluent-frames", "confluent-masks", "confluent-regions", "confluent-dead-letters");

  @TempDir Path directory;

  @Test
  void framesComeInAndMasksAndDeadLettersGoOutThroughAnotherSerde(EmbeddedKafka kafka)
      throws Exception {
    byte[] jpeg = FrameEncoder.jpeg(RgbImage.allocate(320, 240), 80);
    Path allowed = Files.createDirectories(directory.resolve("frames"));
    Path inside = Files.write(allowed.resolve("a.jpg"), jpeg);
    Path outside = Files.write(directory.resolve("secret.jpg"), jpeg);
    for (String topic : TOPICS) {
      kafka.createTopic(topic, 1);
    }
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      send(kafka, registry, "inside", reference(inside, sha256(jpeg)));
      send(kafka, registry, "outside", reference(outside, sha256(jpeg)));
      send(kafka, registry, "changed", reference(inside, "00".repeat(32)));

      try (SegmentationService service =
          SegmentationService.start(config(kafka, registry, allowed))) {
        assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();

        List<MaskEvent> masks = read(kafka, registry, MaskEvent.class, TOPICS.get(1), 1);
        List<DeadLetterEvent> letters =
            read(kafka, registry, DeadLetterEvent.class, TOPICS.get(3), 2);

        assertThat(masks).extracting(MaskEvent::getFrameId).containsExactly("inside");
        assertThat(masks.get(0).getFrameWidth()).isEqualTo(320);
        assertThat(letters)
            .extracting(DeadLetterEvent::getFrameId, DeadLetterEvent::getReason)
            .containsExactly(
                tuple("outside", DeadLetterReason.REFERENCE_UNAVAILABLE),
                tuple("changed", DeadLetterReason.REFERENCE_MISMATCH));
        assertThat(letters.get(0).getMessage()).contains("'frames.references.allowed.prefixes'");
      }
    }
  }

  private static ServiceConfig config(
      EmbeddedKafka kafka, LoopbackSchemaRegistry registry, Path allowed) {
    return ServiceConfig.of(
        Map.ofEntries(
            Map.entry("event.serde", ConfluentSerde.class.getName()),
            Map.entry("application.id", "confluent"),
            Map.entry("bootstrap.servers", kafka.bootstrapServers()),
            Map.entry("schema.registry.url", registry.url().toString()),
            Map.entry("model.file", Model.SHIPPED),
            Map.entry("frames.topics", TOPICS.get(0)),
            Map.entry("masks.topic", TOPICS.get(1)),
            Map.entry("regions.topic", TOPICS.get(2)),
            Map.entry("dead.letters.topic", TOPICS.get(3)),
            Map.entry("frames.references.allowed.prefixes", allowed.toUri().toString())));
  }

  private static FrameReference reference(Path file, String sha256) throws IOException {
    return new FrameReference(file.toUri().toString(), Files.size(file), sha256);
  }

  private static void send(
      EmbeddedKafka kafka,
      LoopbackSchemaRegistry registry,
      String frameId,
      FrameReference reference)
      throws Exception {
    FrameEvent event =
        FrameEvent.newBuilder()
            .setFrameId(frameId)
            .setCameraId("camera")
            .setSequence(1)
            .setCapturedAt(Instant.EPOCH)
            .setEncoding(FrameEncoding.JPEG)
            .setPayload(reference)
            .build();
    try (AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class, registry);
        KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      byte[] value = serde.serializer().serialize(TOPICS.get(0), event);
      producer.send(new ProducerRecord<>(TOPICS.get(0), value)).get();
    }
  }

  private static <T extends SpecificRecord> List<T> read(
      EmbeddedKafka kafka,
      LoopbackSchemaRegistry registry,
      Class<T> type,
      String topic,
      int count) {
    List<T> events = new ArrayList<>();
    try (AvroEventSerde<T> serde = serde(type, registry);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                Map.of(
                    "bootstrap.servers",
                    kafka.bootstrapServers(),
                    "isolation.level",
                    "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition(topic, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      while (events.size() < count) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          events.add(serde.deserializer().deserialize(topic, record.value()));
        }
      }
    }
    return events;
  }

  private static <T extends SpecificRecord> AvroEventSerde<T> serde(
      Class<T> type, LoopbackSchemaRegistry registry) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type);
    serde.configure(Map.of("schema.registry.url", registry.url().toString()), false);
    return serde;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
