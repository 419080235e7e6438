package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.LoopbackSchemaRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Confluent's own serialisers and ours read and write the same records through one registry. */
final class ConfluentInteropTest {

  private static final String TOPIC = "a-topic";

  private static ConfluentClasses confluent;

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();

  @BeforeAll
  static void load() throws IOException {
    confluent = new ConfluentClasses();
  }

  @AfterAll
  static void unload() throws IOException {
    confluent.close();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private Map<String, Object> configuration(Object... more) {
    return Configurations.of(registry.url().toString(), more);
  }

  private <T extends SpecificRecord> AvroEventSerde<T> ours(Class<T> type) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type);
    serde.configure(configuration(), false);
    return serde;
  }

  static List<Class<? extends SpecificRecord>> eventTypes() {
    return EventSchemas.EVENT_TYPES;
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  <T extends SpecificRecord> void confluentReadsWhatWeWrite(Class<T> type) {
    Serializer<T> ours = ours(type).serializer();
    RandomEvents events = new RandomEvents(21);
    try (Deserializer<Object> theirs =
        confluent.deserializer(configuration("specific.avro.reader", true))) {
      for (int i = 0; i < 50; i++) {
        T event = events.next(type);
        assertThat(theirs.deserialize(TOPIC, ours.serialize(TOPIC, event))).isEqualTo(event);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  <T extends SpecificRecord> void weReadWhatConfluentWrites(Class<T> type) {
    Deserializer<T> ours = ours(type).deserializer();
    RandomEvents events = new RandomEvents(22);
    try (Serializer<Object> theirs =
        confluent.serializer(configuration("avro.remove.java.properties", true))) {
      for (int i = 0; i < 50; i++) {
        T event = events.next(type);
        assertThat(ours.deserialize(TOPIC, theirs.serialize(TOPIC, event))).isEqualTo(event);
      }
    }
  }

  @Test
  void bothWriteTheSameBytesAndRegisterOneSchema() {
    MaskEvent event = new RandomEvents(23).mask();
    byte[] ours = ours(MaskEvent.class).serializer().serialize(TOPIC, event);
    try (Serializer<Object> theirs =
        confluent.serializer(configuration("avro.remove.java.properties", true))) {
      assertThat(theirs.serialize(TOPIC, event)).isEqualTo(ours);
    }
  }

  @Test
  void weReadAConfluentProducerWithJavaPropertiesInItsSchema() {
    MaskEvent event = new RandomEvents(24).mask();
    try (Serializer<Object> theirs = confluent.serializer(configuration())) {
      byte[] bytes = theirs.serialize(TOPIC, event);
      assertThat(ours(MaskEvent.class).deserializer().deserialize(TOPIC, bytes)).isEqualTo(event);
    }
  }

  /** The schema of frames with a lens, and with an encoding we don't know. */
  private static Schema newer() {
    return new Schema.Parser()
        .parse(
            EventSchemas.of(FrameEvent.class)
                .toString()
                .replaceFirst(
                    Pattern.quote("{\"name\":\"sequence\""),
                    "{\"name\":\"lens\",\"type\":\"string\",\"default\":\"unknown\"},"
                        + "{\"name\":\"sequence\"")
                .replaceFirst(Pattern.quote("\"JPEG\""), "\"JPEG\",\"JPEG_XL\""));
  }

  @Test
  void weReadANewerProducer() {
    Schema newer = newer();
    GenericRecordBuilder frame = new GenericRecordBuilder(newer);
    frame.set("frameId", "f");
    frame.set("cameraId", "c");
    frame.set("lens", "50 mm");
    frame.set("sequence", 7L);
    frame.set("capturedAt", 1_000_001L);
    frame.set(
        "encoding", new GenericData.EnumSymbol(newer.getField("encoding").schema(), "JPEG_XL"));
    GenericRecord reference =
        new GenericData.Record(newer.getField("payload").schema().getTypes().get(1));
    reference.put("uri", "s3://frames/7");
    reference.put("sizeBytes", 8L);
    reference.put("sha256", "00");
    frame.set("payload", reference);
    frame.set("attributes", Map.of());

    try (Serializer<Object> theirs = confluent.serializer(configuration())) {
      FrameEvent read =
          ours(FrameEvent.class)
              .deserializer()
              .deserialize(TOPIC, theirs.serialize(TOPIC, frame.build()));
      assertThat(read)
          .isEqualTo(
              FrameEvent.newBuilder()
                  .setFrameId("f")
                  .setCameraId("c")
                  .setSequence(7)
                  .setCapturedAt(java.time.Instant.ofEpochSecond(1, 1_000))
                  .setEncoding(FrameEncoding.UNKNOWN)
                  .setPayload(new FrameReference("s3://frames/7", 8L, "00"))
                  .build());
    }
  }

  @Test
  void aNewerConsumerReadsUs() {
    Schema newer = newer();
    FrameEvent frame =
        FrameEvent.newBuilder(new RandomEvents(25).frame()).setFrameId("frame 25").build();
    byte[] bytes = ours(FrameEvent.class).serializer().serialize(TOPIC, frame);
    try (Deserializer<Object> theirs =
        confluent.deserializer(
            configuration("use.latest.version", true, "specific.avro.reader", false))) {
      // With use.latest.version a Confluent consumer reads into the subject's latest schema.
      new SchemaRegistryClient(new SchemaRegistryConfig(configuration()))
          .register(TOPIC + "-value", newer);
      GenericRecord read = (GenericRecord) theirs.deserialize(TOPIC, bytes);
      assertThat(read.getSchema()).isEqualTo(newer);
      assertThat(read.get("lens")).hasToString("unknown");
      assertThat(read.get("frameId")).hasToString("frame 25");
    }
  }
}
