package io.atrous;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.ScriptedBackend;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole service and topics of several configurations on a real broker. */
@ExtendWith(SharedKafka.class)
@Timeout(90)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class OutputTopicLimitsTest {

  private static final int SIDE = 160;
  private static final AtomicInteger WORLDS = new AtomicInteger();

  private final String name = "limits-" + WORLDS.incrementAndGet();
  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final AvroEventSerde<FrameEvent> frames = serde(FrameEvent.class);

  @AfterEach
  void close() {
    frames.close();
    registry.close();
  }

  @Test
  void aFrameFromTheFarFutureGetsItsMaskWithATimestampThatTheTopicTakes(EmbeddedKafka kafka)
      throws Exception {
    createTopics(
        kafka, Map.of("frames", Map.of("message.timestamp.after.max.ms", "" + Long.MAX_VALUE)));
    Instant inAYear = Instant.now().plus(365, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MILLIS);
    send(kafka, inAYear.toEpochMilli(), "camera", frame(inAYear));
    try (SegmentationService service = start(kafka)) {
      ConsumerRecord<byte[], byte[]> mask = readOne(kafka, "masks");

      assertThat(Instant.ofEpochMilli(mask.timestamp()))
          .isBetween(Instant.now(), Instant.now().plus(1, ChronoUnit.HOURS));
      assertThat(value(MaskEvent.class, mask).getCapturedAt()).isEqualTo(inAYear);
      assertThat(service.failure()).isEmpty();
    }
  }

  @Test
  void aMaskThatIsTooLargeForItsTopicIsADeadLetterThatSaysSo(EmbeddedKafka kafka) throws Exception {
    Map<String, String> small = Map.of("max.message.bytes", "2048");
    createTopics(kafka, Map.of("masks", small, "dead-letters", small));
    send(kafka, 1, "camera", frame(Instant.EPOCH));
    try (SegmentationService service = start(kafka)) {
      DeadLetterEvent letter = value(DeadLetterEvent.class, readOne(kafka, "dead-letters"));

      assertThat(letter.getReason()).isEqualTo(DeadLetterReason.OUTCOME_TOO_LARGE);
      assertThat(letter.getMessage()).contains(name + "-masks", "max.message.bytes");
      assertThat(letter.getSourceTruncated()).isTrue();
      assertThat(service.failure()).isEmpty();
    }
  }

  @Test
  void aDeadLetterWithoutAKeyIsKnownByItsOutcomeInACompactedTopic(EmbeddedKafka kafka)
      throws Exception {
    createTopics(kafka, Map.of("dead-letters", Map.of("cleanup.policy", "compact")));
    send(kafka, 1, null, "no frame".getBytes(UTF_8));
    try (SegmentationService service = start(kafka)) {
      assertThat(readOne(kafka, "dead-letters").key())
          .asString(UTF_8)
          .isEqualTo(name + "-frames/0@0");
      assertThat(service.failure()).isEmpty();
    }
  }

  @Test
  void aTopicThatIsConfiguredAnewIsKeptToSoonAfterTheFirstRefusal(EmbeddedKafka kafka)
      throws Exception {
    createTopics(kafka, Map.of());
    try (SegmentationService service = start(kafka)) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      configure(kafka, "masks", "message.timestamp.after.max.ms", "1000");
      configure(kafka, "regions", "message.timestamp.after.max.ms", "1000");
      for (int mask = 0; mask < 1; ) {
        long inHalfAnHour = Instant.now().plus(30, ChronoUnit.MINUTES).toEpochMilli();
        send(kafka, inHalfAnHour, "camera", frame(Instant.EPOCH));
        mask = read(kafka, "masks", Duration.ofMillis(500)).size();
      }

      assertThat(value(DeadLetterEvent.class, readOne(kafka, "dead-letters")).getReason())
          .isEqualTo(DeadLetterReason.OUTCOME_REFUSED);
      assertThat(service.failure()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "masks, max.message.bytes, 2000, masks.topic",
    "regions, max.message.bytes, 100, regions.topic",
    "dead-letters, max.message.bytes, 1024, dead.letters.topic"
  })
  void aTopicThatCanTakeNoOutcomeKeepsTheServiceFromStarting(
      String topic, String key, String value, String setting, EmbeddedKafka kafka) {
    createTopics(kafka, Map.of(topic, Map.of(key, value)));

    assertThatThrownBy(() -> start(kafka).close())
        .isInstanceOf(StartException.class)
        .hasMessageContainingAll("'" + name + "-" + topic + "'", "'" + setting + "'", key, value);
  }

  @Test
  void withoutTheRightToReadConfigurationsTheServiceStartsAndDegradesAllTheSame() throws Exception {
    try (EmbeddedKafka kafka =
        EmbeddedKafka.start(
            1,
            Map.of(
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found",
                "true"))) {
      createTopics(kafka, Map.of("masks", Map.of("max.message.bytes", "2048")));
      denyDescribeConfigs(kafka);
      send(kafka, 1, "camera", frame(Instant.EPOCH));
      try (SegmentationService service = start(kafka)) {
        assertThat(value(DeadLetterEvent.class, readOne(kafka, "dead-letters")).getReason())
            .isEqualTo(DeadLetterReason.OUTCOME_TOO_LARGE);
        assertThat(service.failure()).isEmpty();
      }
    }
  }

  /** Creates all topics, some configured: a broker applies a change only some time after it. */
  private void createTopics(EmbeddedKafka kafka, Map<String, Map<String, String>> configs) {
    kafka.createTopics(
        Stream.of("frames", "masks", "regions", "dead-letters")
            .map(
                topic ->
                    new NewTopic(name + "-" + topic, 1, (short) 1)
                        .configs(configs.getOrDefault(topic, Map.of())))
            .toList());
  }

  private SegmentationService start(EmbeddedKafka kafka) {
    Map<String, String> settings = new HashMap<>();
    settings.put("application.id", name);
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("schema.registry.url", registry.url().toString());
    settings.put("frames.topics", name + "-frames");
    settings.put("masks.topic", name + "-masks");
    settings.put("regions.topic", name + "-regions");
    settings.put("dead.letters.topic", name + "-dead-letters");
    settings.put("inference.device", "cpu");
    settings.put("model.file", Model.SHIPPED);
    settings.put("streams.auto.offset.reset", "earliest");
    return SegmentationService.start(
        ServiceConfig.of(settings),
        new ScriptedBackend(0, (model, engine) -> noisy(engine.maxBatchSize())));
  }

  /** An engine whose masks take more than two kilobytes. */
  private static SegmentationEngine noisy(int maxBatchSize) {
    byte[] noise = new byte[SIDE * SIDE];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) random.nextInt(2);
    }
    return new SegmentationEngine() {
      @Override
      public EngineProfile profile() {
        return new EngineProfile("test", "fp32", SIDE, SIDE, maxBatchSize);
      }

      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        return images.stream().map(image -> new EngineMask(noise.clone(), null)).toList();
      }

      @Override
      public void close() {}
    };
  }

  private byte[] frame(Instant capturedAt) {
    frames.prepare(name + "-frames");
    return frames
        .serializer()
        .serialize(
            name + "-frames",
            FrameEvent.newBuilder()
                .setFrameId("frame")
                .setCameraId("camera")
                .setSequence(1)
                .setCapturedAt(capturedAt)
                .setEncoding(FrameEncoding.GRAY8)
                .setWidth(SIDE)
                .setHeight(SIDE)
                .setPayload(ByteBuffer.allocate(SIDE * SIDE))
                .build());
  }

  private void send(EmbeddedKafka kafka, long timestampMillis, @Nullable String key, byte[] value)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      producer
          .send(
              new ProducerRecord<>(
                  name + "-frames",
                  0,
                  timestampMillis,
                  key == null ? null : key.getBytes(UTF_8),
                  value))
          .get();
    }
  }

  private void configure(EmbeddedKafka kafka, String topic, String key, String value)
      throws Exception {
    try (Admin admin = admin(kafka)) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, name + "-" + topic),
                  List.of(
                      new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  private void denyDescribeConfigs(EmbeddedKafka kafka) throws Exception {
    ResourcePattern topics = new ResourcePattern(ResourceType.TOPIC, "*", PatternType.LITERAL);
    try (Admin admin = admin(kafka)) {
      admin
          .createAcls(
              List.of(
                  new AclBinding(topics, entry(AclOperation.ALL, AclPermissionType.ALLOW)),
                  new AclBinding(
                      topics, entry(AclOperation.DESCRIBE_CONFIGS, AclPermissionType.DENY))))
          .all()
          .get();
    }
  }

  private static AccessControlEntry entry(AclOperation operation, AclPermissionType type) {
    return new AccessControlEntry("User:ANONYMOUS", "*", operation, type);
  }

  private static Admin admin(EmbeddedKafka kafka) {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private ConsumerRecord<byte[], byte[]> readOne(EmbeddedKafka kafka, String topic) {
    while (true) {
      List<ConsumerRecord<byte[], byte[]>> records = read(kafka, topic, Duration.ofSeconds(60));
      if (!records.isEmpty()) {
        return records.get(0);
      }
    }
  }

  /** The committed records of a topic, or none if there is none in time. */
  private List<ConsumerRecord<byte[], byte[]>> read(
      EmbeddedKafka kafka, String topic, Duration timeout) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partition = List.of(new TopicPartition(name + "-" + topic, 0));
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      consumer.poll(timeout).forEach(records::add);
      return records;
    }
  }

  private <T extends SpecificRecord> T value(Class<T> type, ConsumerRecord<byte[], byte[]> record) {
    try (AvroEventSerde<T> serde = serde(type)) {
      return serde.deserializer().deserialize(record.topic(), record.value());
    }
  }

  private <T extends SpecificRecord> AvroEventSerde<T> serde(Class<T> type) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type);
    serde.configure(Map.of("schema.registry.url", registry.url().toString()), false);
    return serde;
  }
}
