package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.TextNode;
import io.atrous.embedded.LoopbackSchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AvroEventSerdeTest {

  private static final String TOPIC = "a-topic";

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final SchemaRegistryClient client =
      new SchemaRegistryClient(new SchemaRegistryConfig(configuration()));

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  private Map<String, Object> configuration(Object... more) {
    return Configurations.of(registry.url().toString(), more);
  }

  private <T extends SpecificRecord> AvroEventSerde<T> serde(Class<T> type, Object... more) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type, client);
    serde.configure(configuration(more), false);
    return serde;
  }

  static List<Class<? extends SpecificRecord>> eventTypes() {
    return EventSchemas.EVENT_TYPES;
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  <T extends SpecificRecord> void readsBackWhatItWrote(Class<T> type) {
    AvroEventSerde<T> serde = serde(type);
    RandomEvents events = new RandomEvents(1);
    for (int i = 0; i < 500; i++) {
      T event = events.next(type);
      byte[] bytes = serde.serializer().serialize(TOPIC, event);
      assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(event);
      // Writing leaves byte buffers as they were, so that an event can be written again.
      assertThat(serde.serializer().serialize(TOPIC, event)).isEqualTo(bytes);
    }
  }

  @Test
  void writesAZeroByteTheSchemaIdAndThenTheEvent() {
    client.register("another-value", Schema.create(Schema.Type.STRING));
    byte[] bytes =
        serde(FrameEvent.class).serializer().serialize(TOPIC, new RandomEvents(2).frame());

    int id = client.idOf(TOPIC + "-value", EventSchemas.of(FrameEvent.class));
    assertThat(id).isEqualTo(2);
    assertThat(bytes).startsWith(0, 0, 0, 0, 2);
  }

  /** Type, number and moment. */
  static Stream<Arguments> writtenTimes() {
    return Stream.of(
        arguments(timestamp("timestamp-millis"), 1_700_000_000_123L, "2023-11-14T22:13:20.123Z"),
        arguments(
            timestamp("timestamp-micros"), 1_700_000_000_123_456L, "2023-11-14T22:13:20.123456Z"),
        arguments(
            timestamp("timestamp-nanos"),
            1_700_000_000_123_456_789L,
            "2023-11-14T22:13:20.123456Z"),
        arguments("\"long\"", 1_700_000_000_123_456L, "2023-11-14T22:13:20.123456Z"),
        arguments(
            "[\"null\"," + timestamp("timestamp-millis") + "]",
            1_700_000_000_123L,
            "2023-11-14T22:13:20.123Z"),
        arguments(timestamp("timestamp-millis"), -1L, "1969-12-31T23:59:59.999Z"),
        arguments(timestamp("timestamp-nanos"), Long.MIN_VALUE, "1677-09-21T00:12:43.145224Z"));
  }

  @ParameterizedTest
  @MethodSource("writtenTimes")
  void countsAMomentInTheUnitOfItsWriter(String type, long number, String moment)
      throws IOException {
    assertThat(frameWritten(type, number).getCapturedAt()).isEqualTo(moment);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local-timestamp-millis",
        "local-timestamp-micros",
        "time-micros",
        "timestamp-seconds"
      })
  void aNumberThatNamesNoMomentIsABadRecord(String logicalType) {
    assertThatThrownBy(() -> frameWritten(timestamp(logicalType), 1L))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("capturedAt is a " + logicalType);
  }

  private static String timestamp(String logicalType) {
    return "{\"type\":\"long\",\"logicalType\":\"%s\"}".formatted(logicalType);
  }

  /** What we read of a frame whose producer has another type for the time. */
  private FrameEvent frameWritten(String timeType, long time) throws IOException {
    Schema ours = EventSchemas.of(FrameEvent.class);
    String changed = ours.toString().replace(timestamp("timestamp-micros"), timeType);
    Schema theirs = new Schema.Parser().parse(changed);
    GenericRecordBuilder frame = new GenericRecordBuilder(theirs);
    frame.set("frameId", "f");
    frame.set("cameraId", "c");
    frame.set("sequence", 7L);
    frame.set("capturedAt", time);
    frame.set("encoding", new GenericData.EnumSymbol(theirs.getField("encoding").schema(), "JPEG"));
    frame.set("payload", ByteBuffer.allocate(1));
    frame.set("attributes", Map.of());
    ByteArrayOutputStream record = new ByteArrayOutputStream();
    record.write(0);
    record.writeBytes(
        ByteBuffer.allocate(4).putInt(client.register("foreign-value", theirs)).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(record, null);
    new GenericDatumWriter<GenericRecord>(theirs).write(frame.build(), encoder);
    encoder.flush();
    return serde(FrameEvent.class).deserializer().deserialize(TOPIC, record.toByteArray());
  }

  @Test
  void aNullValueIsANullEvent() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    assertThat(serde.serializer().serialize(TOPIC, null)).isNull();
    assertThat(serde.deserializer().deserialize(TOPIC, null)).isNull();
  }

  @Test
  void servesManyThreadsAtOnce() throws InterruptedException, ExecutionException {
    AvroEventSerde<MaskEvent> serde = serde(MaskEvent.class);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        RandomEvents events = new RandomEvents(thread);
        runs.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    MaskEvent event = events.mask();
                    byte[] bytes = serde.serializer().serialize(TOPIC, event);
                    assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(event);
                  }
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @MethodSource("eventTypes")
  <T extends SpecificRecord> void damagedBytesAreAnEventOrABadRecordAndNothingElse(Class<T> type) {
    AvroEventSerde<T> serde = serde(type);
    RandomEvents events = new RandomEvents(3);
    Random random = new Random(4);
    int rejected = 0;
    for (int i = 0; i < 4_000; i++) {
      byte[] bytes = damaged(serde.serializer().serialize(TOPIC, events.next(type)), random);
      try {
        serde.deserializer().deserialize(TOPIC, bytes);
      } catch (InvalidEventException e) {
        assertThat(e).message().isNotBlank();
        rejected++;
      }
    }
    assertThat(rejected).isBetween(1_000, 4_000);
  }

  private static byte[] damaged(byte[] message, Random random) {
    byte[] bytes = message.clone();
    // The header is damaged now and then only: nearly all such records end there.
    int from = random.nextInt(20) == 0 ? 0 : EventSerializer.HEADER_BYTES;
    int at = from + random.nextInt(bytes.length - from);
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> bytes = Arrays.copyOf(bytes, at);
      case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9));
      default -> {
        // A length or count of any size.
        byte[] varint = new byte[10];
        Arrays.fill(varint, (byte) (0x80 | random.nextInt()));
        int length = Math.min(1 + random.nextInt(varint.length), bytes.length - at);
        System.arraycopy(varint, 0, bytes, at, length);
        bytes[at + length - 1] &= 0x7f;
      }
    }
    return bytes;
  }

  @Test
  void arbitraryBytesAreABadRecord() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    Random random = new Random(5);
    for (int i = 0; i < 1_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes))
          .isInstanceOf(InvalidEventException.class);
    }
  }

  @Test
  void saysWhatIsWrongWithARecordThatIsNotAvro() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    byte[] json = "{\"frameId\": 1}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, json))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("The record begins with byte 0x7b; Confluent's wire format begins with 0x00");
    assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, new byte[4]))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("The record has 4 bytes; Confluent's wire format begins with a header of 5");
  }

  @Test
  void refusesBytesAfterTheEvent() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    byte[] bytes = serde.serializer().serialize(TOPIC, new RandomEvents(6).frame());
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 3);
    assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, longer))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("goes on after its FrameEvent has ended")
        .hasMessageEndingWith("3 are left");
  }

  @Test
  void refusesAnAbsurdLengthWithoutAllocatingIt() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    serde.prepare(TOPIC);
    int id = client.idOf(TOPIC + "-value", EventSchemas.of(FrameEvent.class));
    // The first field is a string; its length is a zig-zag varint of 2^31 - 9.
    ByteBuffer bytes = ByteBuffer.allocate(16).put((byte) 0).putInt(id);
    bytes.put(new byte[] {(byte) 0xee, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f});
    assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes.array()))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("exceeds maximum");
  }

  @Test
  void aSchemaIdThatTheRegistryDoesNotKnowIsABadRecord() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    byte[] bytes = serde.serializer().serialize(TOPIC, new RandomEvents(7).frame());
    bytes[4] = 99;
    assertThatThrownBy(() -> serde.deserializer().deserialize(TOPIC, bytes))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("The schema registry doesn't know schema id 99");
  }

  @Test
  void anEventOfAnotherTypeIsABadRecord() {
    byte[] mask = serde(MaskEvent.class).serializer().serialize(TOPIC, new RandomEvents(8).mask());
    assertThatThrownBy(() -> serde(FrameEvent.class).deserializer().deserialize(TOPIC, mask))
        .isInstanceOf(InvalidEventException.class)
        .hasMessage("The record is a io.atrous.event.MaskEvent (schema id 1), not a FrameEvent");
  }

  @Test
  void aRegistryThatIsGoneSaysNothingAboutTheRecord() {
    byte[] bytes =
        serde(FrameEvent.class).serializer().serialize(TOPIC, new RandomEvents(9).frame());
    AvroEventSerde<FrameEvent> fresh = new AvroEventSerde<>(FrameEvent.class);
    fresh.configure(configuration(SchemaRegistryConfig.MAX_RETRIES, 0), false);
    registry.close();

    assertThatThrownBy(() -> fresh.deserializer().deserialize(TOPIC, bytes))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isTrue())
        .hasMessageContaining(registry.url().toString());
    fresh.close();
  }

  @Test
  void anEventThatLacksAFieldIsNotWrittenAndSpoilsNothing() {
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class);
    FrameEvent good = new RandomEvents(10).frame();
    byte[] bytes = serde.serializer().serialize(TOPIC, good);
    FrameEvent bad = FrameEvent.newBuilder(good).build();
    bad.put(FrameEvent.SCHEMA$.getField("attributes").pos(), null);

    assertThatThrownBy(() -> serde.serializer().serialize(TOPIC, bad))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith("The FrameEvent for topic a-topic can't be written: ")
        .hasMessageContaining("attributes");
    assertThat(serde.serializer().serialize(TOPIC, good)).isEqualTo(bytes);
  }

  /** The schema of frames after one change. */
  private static Schema changed(String from, String to) {
    String schema = EventSchemas.of(FrameEvent.class).toString();
    assertThat(schema).contains(from);
    return new Schema.Parser().parse(schema.replaceFirst(Pattern.quote(from), to));
  }

  /** What a producer with that schema writes, with values for the fields that it doesn't share. */
  private byte[] written(Schema schema, FrameEvent event, Map<String, Object> others)
      throws IOException {
    GenericRecord ours = generic(event);
    GenericRecord theirs = new GenericData.Record(schema);
    for (Schema.Field field : schema.getFields()) {
      Object value = others.get(field.name());
      theirs.put(field.pos(), value != null ? value : ours.get(field.name()));
    }
    int id = client.register(TOPIC + "-value", schema);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(schema).write(theirs, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private GenericRecord generic(FrameEvent event) throws IOException {
    byte[] bytes = serde(FrameEvent.class).serializer().serialize("elsewhere", event);
    return new GenericDatumReader<GenericRecord>(EventSchemas.of(FrameEvent.class))
        .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
  }

  private static FrameEvent jpeg() {
    return FrameEvent.newBuilder(new RandomEvents(11).frame())
        .setEncoding(FrameEncoding.JPEG)
        .setPayload(ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .setWidth(640)
        .build();
  }

  @Test
  void readsWhatANewerProducerWrote() throws IOException {
    Schema newer =
        changed(
            "{\"name\":\"sequence\"",
            "{\"name\":\"lens\",\"type\":\"string\",\"default\":\"\"},{\"name\":\"sequence\"");
    FrameEvent event = jpeg();
    byte[] bytes = written(newer, event, Map.of("lens", "50 mm"));
    assertThat(serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes)).isEqualTo(event);
  }

  @Test
  void readsANewEnumSymbolAsUnknown() throws IOException {
    Schema newer = changed("\"JPEG\"", "\"JPEG\",\"JPEG_XL\"");
    byte[] bytes =
        written(
            newer,
            jpeg(),
            Map.of(
                "encoding",
                new GenericData.EnumSymbol(newer.getField("encoding").schema(), "JPEG_XL")));
    assertThat(serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes))
        .isEqualTo(FrameEvent.newBuilder(jpeg()).setEncoding(FrameEncoding.UNKNOWN).build());
  }

  @Test
  void readsWhatAnOlderProducerWroteWithDefaultsForTheRest() throws IOException {
    Schema older =
        changed(
            "{\"name\":\"width\",\"type\":[\"null\",\"int\"],\"doc\":\"Pixels across. Required for raw"
                + " encodings; otherwise the image's header decides.\",\"default\":null},",
            "");
    byte[] bytes = written(older, jpeg(), Map.of());
    assertThat(serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes))
        .isEqualTo(FrameEvent.newBuilder(jpeg()).setWidth(null).build());
  }

  @Test
  void readsWhatAProducerWithANameSpaceOfItsOwnWrote() throws IOException {
    Schema theirs = changed("\"io.atrous.event\"", "\"com.acme.cameras\"");
    FrameEvent event =
        FrameEvent.newBuilder(jpeg()).setColorRange(null).setColorMatrix(null).build();
    Object encoding =
        new GenericData.EnumSymbol(theirs.getField("encoding").schema(), FrameEncoding.JPEG);
    byte[] bytes = written(theirs, event, Map.of("encoding", encoding));
    assertThat(serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes)).isEqualTo(event);
  }

  @Test
  void aSchemaThatLacksWhatWeNeedMakesABadRecord() throws IOException {
    client.register(TOPIC + "-value", EventSchemas.of(FrameEvent.class));
    Schema schema =
        SchemaBuilder.record("FrameEvent").fields().requiredString("frameId").endRecord();
    byte[] bytes = written(schema, jpeg(), Map.of());
    assertThatThrownBy(() -> serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("missing required field");
  }

  @Test
  void aRecordNestedTooDeeplyIsABadRecord() {
    Schema bottomless =
        new Schema.Parser()
            .parse(
                EventSchemas.of(FrameEvent.class)
                    .toString()
                    .replaceFirst(
                        Pattern.quote("{\"name\":\"frameId\""),
                        "{\"name\":\"well\",\"type\":{\"type\":\"record\",\"name\":\"Well\","
                            + "\"fields\":[{\"name\":\"below\",\"type\":[\"null\",\"Well\"]}]}},"
                            + "{\"name\":\"frameId\""));
    int id = client.register(TOPIC + "-value", bottomless);
    byte[] bytes = new byte[1_000_000];
    Arrays.fill(bytes, (byte) 2);
    ByteBuffer.wrap(bytes).put((byte) 0).putInt(id);
    assertThatThrownBy(() -> serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes))
        .isInstanceOf(InvalidEventException.class)
        .hasMessageContaining("StackOverflowError");
  }

  private static final Object[] LATEST = {
    SchemaRegistryConfig.AUTO_REGISTER_SCHEMAS, false, SchemaRegistryConfig.USE_LATEST_VERSION, true
  };

  @Test
  void writesWithTheLatestSchemaIfAsked() throws IOException {
    Schema latest =
        changed(
            "{\"name\":\"sequence\"",
            "{\"name\":\"site\",\"type\":\"string\",\"default\":\"home\"},{\"name\":\"sequence\"");
    client.register(TOPIC + "-value", EventSchemas.of(FrameEvent.class));
    int id = client.register(TOPIC + "-value", latest);
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class, LATEST);

    byte[] bytes = serde.serializer().serialize(TOPIC, jpeg());
    assertThat(bytes).startsWith(0, 0, 0, 0, id);
    GenericRecord read =
        new GenericDatumReader<GenericRecord>(latest)
            .read(null, DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null));
    assertThat(read.get("site").toString()).isEqualTo("home");
    assertThat(serde.deserializer().deserialize(TOPIC, bytes)).isEqualTo(jpeg());
  }

  @Test
  void writesItsOwnBytesIfTheLatestSchemaIsItsOwn() {
    byte[] bytes = serde(FrameEvent.class).serializer().serialize(TOPIC, jpeg());
    assertThat(serde(FrameEvent.class, LATEST).serializer().serialize(TOPIC, jpeg()))
        .isEqualTo(bytes);
  }

  @Test
  void refusesALatestSchemaThatCanNotReadItsEvents() {
    client.register(TOPIC + "-value", SchemaBuilder.record("FrameEvent").fields().endRecord());
    client.register(
        TOPIC + "-value",
        SchemaBuilder.record("FrameEvent")
            .fields()
            .name("size")
            .type()
            .longType()
            .longDefault(0)
            .endRecord());
    client.register(
        "other-value",
        SchemaBuilder.record("FrameEvent").fields().requiredLong("size").endRecord());
    AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class, LATEST);
    assertThatCode(() -> serde.prepare(TOPIC)).doesNotThrowAnyException();
    assertThatThrownBy(() -> serde.prepare("other"))
        .isInstanceOf(SchemaRegistryException.class)
        .hasMessageStartingWith("Version 1 of subject other-value can't read every FrameEvent");
  }

  @Test
  void readsAFrameWhoseSchemaRefersToOthers() throws IOException {
    byte[] bytes = serde(FrameEvent.class).serializer().serialize(TOPIC, jpeg());
    ByteBuffer.wrap(bytes).putInt(1, ReferringSchemas.register("frames-value", registry.url()));

    assertThat(serde(FrameEvent.class).deserializer().deserialize(TOPIC, bytes)).isEqualTo(jpeg());
  }

  @Test
  void comparesALatestSchemaThatRefersToOthersAsOneThatDoesNot() throws IOException {
    byte[] bytes = serde(FrameEvent.class).serializer().serialize("another", jpeg());
    int id = ReferringSchemas.register(TOPIC + "-value", registry.url());

    byte[] latest = serde(FrameEvent.class, LATEST).serializer().serialize(TOPIC, jpeg());

    ByteBuffer.wrap(bytes).putInt(1, id);
    assertThat(latest).isEqualTo(bytes);
  }

  @Test
  void findsItsSchemaWithoutRegisteringIt() {
    AvroEventSerde<FrameEvent> serde =
        serde(FrameEvent.class, SchemaRegistryConfig.AUTO_REGISTER_SCHEMAS, false);
    assertThatThrownBy(() -> serde.prepare(TOPIC))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isFalse())
        .hasMessageStartingWith(
            "Subject a-topic-value doesn't hold the schema of FrameEvent: register it"
                + " (schemas/released), or set auto.register.schemas=true.");
    assertThat(client.subjects()).isEmpty();

    client.register(TOPIC + "-value", EventSchemas.of(FrameEvent.class));
    assertThatCode(() -> serde.prepare(TOPIC)).doesNotThrowAnyException();
  }

  @Test
  void saysWhatToDoIfTheSubjectIsTakenBySomethingElse() {
    client.register(TOPIC + "-value", Schema.create(Schema.Type.STRING));
    assertThatThrownBy(() -> serde(FrameEvent.class).prepare(TOPIC))
        .isInstanceOfSatisfying(
            SchemaRegistryException.class, e -> assertThat(e.isRetriable()).isFalse())
        .hasMessageStartingWith(
            "Subject a-topic-value holds a schema that this version's FrameEvent isn't compatible"
                + " with");
  }

  @Test
  void registersUnderTheSubjectOfTheStrategy() {
    serde(FrameEvent.class, SchemaRegistryConfig.VALUE_SUBJECT_NAME_STRATEGY, "RecordNameStrategy")
        .prepare(TOPIC);
    serde(
            MaskEvent.class,
            SchemaRegistryConfig.VALUE_SUBJECT_NAME_STRATEGY,
            "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy")
        .prepare(TOPIC);
    assertThat(client.subjects())
        .containsExactly("a-topic-io.atrous.event.MaskEvent", "io.atrous.event.FrameEvent");
  }

  @Test
  void asksTheRegistryOncePerTopicAndSchema() {
    try (ScriptedServer counting = new ScriptedServer()) {
      String schema = new TextNode(EventSchemas.of(FrameEvent.class).toString()).toString();
      counting.then(200, "{\"id\": 1}").then(200, "{\"schema\": " + schema + "}");
      AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class);
      serde.configure(Map.of(SchemaRegistryConfig.URL, counting.url()), false);
      for (int i = 0; i < 3; i++) {
        serde.deserializer().deserialize(TOPIC, serde.serializer().serialize(TOPIC, jpeg()));
      }
      assertThat(counting.requests()).hasSize(2);
      assertThat(counting.requests().get(0)).doesNotContain("avro.java.string");
      serde.close();
    }
  }

  @Test
  void refusesToBeConfiguredForAnotherType() {
    AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class);
    assertThatThrownBy(
            () ->
                serde.configure(
                    configuration("specific.avro.value.type", MaskEvent.class.getName()), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("this serde is for io.atrous.event.FrameEvent");
  }
}
