package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ConfluentSerde;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.SchemaRegistryException;
import io.atrous.inference.BlankEngine;
import io.atrous.inference.EngineMask;
import io.atrous.inference.ScriptedBackend;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedKafka.class)
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class SegmentationServiceTest {

  private static final FrameEvent FRAME = BlankFrame.of("frame");

  private final AtomicBoolean broken = new AtomicBoolean();

  @Test
  void aServiceIsNotReadyFromTheMomentItFails(EmbeddedKafka kafka) throws Exception {
    try (ServiceEnvironment environment = new ServiceEnvironment(kafka, "ready", 1);
        SegmentationService service = start(environment, Map.of())) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      assertThat(service.isReady()).isTrue();

      broken.set(true);
      environment.send(environment.serialize(FRAME));
      Await.until("it has failed", () -> service.failure().isPresent());

      assertThat(service.isReady()).isFalse();
      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.GAVE_UP);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {AvroEventSerde.class, ConfluentSerde.class})
  void aRegistryThatFallsSilentEndsTheServiceAndCondemnsNoFrame(
      Class<? extends Serde<?>> serde, EmbeddedKafka kafka) throws Exception {
    try (ServiceEnvironment environment =
            new ServiceEnvironment(kafka, "silent-" + serde.getSimpleName(), 1);
        RegistryProxy proxy = new RegistryProxy(environment.registryUrl());
        SegmentationService service =
            start(
                environment,
                Map.of(
                    "event.serde", serde.getName(),
                    "schema.registry.url", proxy.url(),
                    "processing.guarantee", "exactly_once_v2"))) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      byte[] known = environment.serialize(FRAME);
      environment.send(known);
      assertThat(environment.read(MaskEvent.class, environment.masks(), 1)).hasSize(1);

      proxy.fallSilent();
      environment.send(withAnotherSchemaId(known, environment));
      environment.send(known);

      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.GAVE_UP);
      assertThat(service.end().exitCode()).isEqualTo(3);
      assertThat(service.failure().orElseThrow())
          .hasStackTraceContaining(SchemaRegistryException.class.getName());
      try (KafkaConsumer<byte[], byte[]> consumer = environment.consumer()) {
        TopicPartition frames = new TopicPartition(environment.frames(), 0);
        TopicPartition deadLetters = new TopicPartition(environment.deadLetters(), 0);
        assertThat(consumer.committed(Set.of(frames)).get(frames))
            .extracting(OffsetAndMetadata::offset)
            .as("where the next start goes on")
            .isEqualTo(1L);
        assertThat(consumer.endOffsets(Set.of(deadLetters))).containsEntry(deadLetters, 0L);
      }
    }
  }

  /** The same frame as written by a program whose schema reads the same but is not the same. */
  private static byte[] withAnotherSchemaId(byte[] record, ServiceEnvironment environment) {
    Schema schema = new Schema.Parser().parse(FrameEvent.getClassSchema().toString());
    schema.addProp("owner", "another program");
    try (SchemaRegistryClient registry =
        new SchemaRegistryClient(
            new SchemaRegistryConfig(
                Map.of(SchemaRegistryConfig.URL, environment.registryUrl().toString())))) {
      byte[] another = record.clone();
      ByteBuffer.wrap(another)
          .putInt(1, registry.register(environment.frames() + "-value", schema));
      assertThat(another).isNotEqualTo(record);
      return another;
    }
  }

  private SegmentationService start(ServiceEnvironment environment, Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("inference.device", "cpu");
    settings.put("model.file", Model.SHIPPED);
    return SegmentationService.start(
        environment.config(settings),
        new ScriptedBackend(0, (model, engine) -> engine(engine.maxBatchSize())));
  }

  private SegmentationEngine engine(int maxBatchSize) {
    return new BlankEngine(BlankFrame.SIDE, maxBatchSize) {
      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        if (broken.get()) {
          throw new IllegalStateException("the device is gone");
        }
        return super.segment(images);
      }
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
