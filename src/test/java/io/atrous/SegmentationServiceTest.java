package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.ScriptedBackend;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import io.atrous.settings.ServiceConfig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class SegmentationServiceTest {

  private static final int SIDE = 8;
  private static final List<String> TOPICS =
      List.of("ready-frames", "ready-masks", "ready-regions", "ready-dead-letters");

  private final AtomicBoolean broken = new AtomicBoolean();

  @Test
  void aServiceIsNotReadyFromTheMomentItFails(EmbeddedKafka kafka) throws Exception {
    for (String topic : TOPICS) {
      kafka.createTopic(topic, 1);
    }
    try (LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        SegmentationService service = start(kafka, registry)) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      assertThat(service.isReady()).isTrue();

      broken.set(true);
      send(kafka, registry);
      while (service.failure().isEmpty()) {
        Thread.onSpinWait();
      }

      assertThat(service.isReady()).isFalse();
      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.GAVE_UP);
    }
  }

  private SegmentationService start(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) {
    return SegmentationService.start(
        ServiceConfig.of(
            Map.of(
                "application.id", "ready",
                "bootstrap.servers", kafka.bootstrapServers(),
                "schema.registry.url", registry.url().toString(),
                "frames.topics", TOPICS.get(0),
                "masks.topic", TOPICS.get(1),
                "regions.topic", TOPICS.get(2),
                "dead.letters.topic", TOPICS.get(3),
                "inference.device", "cpu",
                "model.file", Model.SHIPPED)),
        new ScriptedBackend(0, (model, settings) -> engine(settings.maxBatchSize())));
  }

  private static void send(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) throws Exception {
    try (AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class);
        KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      serde.configure(Map.of("schema.registry.url", registry.url().toString()), false);
      serde.prepare(TOPICS.get(0));
      FrameEvent frame =
          FrameEvent.newBuilder()
              .setFrameId("frame")
              .setCameraId("camera")
              .setSequence(1)
              .setCapturedAt(Instant.EPOCH)
              .setEncoding(FrameEncoding.GRAY8)
              .setWidth(SIDE)
              .setHeight(SIDE)
              .setPayload(ByteBuffer.allocate(SIDE * SIDE))
              .build();
      producer
          .send(
              new ProducerRecord<>(
                  TOPICS.get(0), serde.serializer().serialize(TOPICS.get(0), frame)))
          .get();
    }
  }

  private SegmentationEngine engine(int maxBatchSize) {
    return new SegmentationEngine() {
      @Override
      public EngineProfile profile() {
        return new EngineProfile("test", "fp32", SIDE, SIDE, maxBatchSize);
      }

      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        if (broken.get()) {
          throw new IllegalStateException("the device is gone");
        }
        return images.stream().map(image -> new EngineMask(new byte[SIDE * SIDE], null)).toList();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void streamsThatCanNotStartAreClosed() {
    Topology topology = new Topology();
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    topology.addSource("source", bytes, bytes, "frames");
    Properties properties = new Properties();
    properties.put("application.id", "can-not-start");
    properties.put("bootstrap.servers", "localhost:1");
    try (KafkaStreams streams = new KafkaStreams(topology, properties)) {
      streams.start();

      // A second start is refused.
      assertThatIllegalStateException().isThrownBy(() -> SegmentationService.startOrClose(streams));

      assertThat(streams.state()).isEqualTo(KafkaStreams.State.NOT_RUNNING);
    }
  }
}
