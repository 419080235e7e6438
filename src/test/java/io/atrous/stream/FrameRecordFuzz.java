package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ColorMatrix;
import io.atrous.event.ColorRange;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.EventSchemas;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.OrientationPolicy;
import io.atrous.frame.RgbImage;
import io.atrous.fuzz.FuzzTarget;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.FrameFit;
import io.atrous.model.ModelSpec;
import io.atrous.stream.Outcome.Emission;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** Whatever a record holds: a frame's pixels, or a dead letter that can be written and read. */
public final class FrameRecordFuzz implements FuzzTarget {

  private static final int SIDE = 16;
  private static final int MAX_RECORD_BYTES = 1 << 16;
  private static final ModelSpec MODEL = TestModel.spec(SIDE, SIDE);

  /** Of sound records and of broken clocks. */
  private static final List<Long> TIMESTAMPS =
      List.of(
          0L,
          -1L,
          Instant.parse("2026-01-01T00:00:00Z").toEpochMilli(),
          Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli(),
          1L << 50,
          Long.MAX_VALUE,
          Long.MIN_VALUE);

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final Map<String, String> settings =
      Map.of("schema.registry.url", registry.url().toString());
  private final SchemaRegistryClient client =
      new SchemaRegistryClient(new SchemaRegistryConfig(settings));
  private final AvroEventSerde<FrameEvent> frames = new AvroEventSerde<>(FrameEvent.class, client);
  private final AvroEventSerde<DeadLetterEvent> deadLetters =
      new AvroEventSerde<>(DeadLetterEvent.class, client);
  private final int millisSchemaId;
  private final FrameReader reader;
  private final OutcomeEncoder encoder;
  private final FrameFit fit =
      new FrameFit(MODEL, new EngineProfile("test", "fp32", SIDE, SIDE, 1));
  private final ByteBuffer slot = ByteBuffer.allocateDirect(SIDE * SIDE * RgbImage.CHANNELS);

  public FrameRecordFuzz() {
    frames.configure(settings, false);
    frames.prepare("frames");
    millisSchemaId =
        client.register(
            "milliseconds-value",
            new Schema.Parser()
                .parse(
                    EventSchemas.of(FrameEvent.class)
                        .toString()
                        .replace("timestamp-micros", "timestamp-millis")));
    deadLetters.configure(settings, false);
    reader =
        new FrameReader(
            frames.deserializer(),
            FrameLimits.of(new DecodeLimits(1 << 16, 1 << 16)),
            OrientationPolicy.APPLY);
    encoder =
        new OutcomeEncoder(
            EventOutputs.prepare(
                "masks",
                "regions",
                "dead-letters",
                EventSerdes.own(settings, client),
                new OutputTopics(Clock.systemUTC())),
            MODEL,
            TestModel.results(MAX_RECORD_BYTES),
            Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
            System::nanoTime);
  }

  @Override
  public String name() {
    return "frame-record";
  }

  @Override
  public List<byte[]> seeds() {
    byte[] png = FrameEncoder.png(RgbImage.allocate(4, 4));
    return Stream.of(
            frame(FrameEncoding.PNG).setPayload(ByteBuffer.wrap(png)),
            frame(FrameEncoding.JPEG)
                .setPayload(ByteBuffer.wrap(FrameEncoder.jpeg(RgbImage.allocate(8, 8), 50)))
                .setAttributes(Map.of("site", "north", "lens", "wide")),
            frame(FrameEncoding.GRAY8)
                .setWidth(3)
                .setHeight(2)
                .setPayload(ByteBuffer.wrap(new byte[6])),
            frame(FrameEncoding.PNG)
                .setPayload(new FrameReference("s3://bucket/a.png", 10L, "0".repeat(64))),
            yuv(FrameEncoding.NV21, 12, ColorRange.FULL, ColorMatrix.BT709),
            yuv(FrameEncoding.YUYV, 16, ColorRange.LIMITED, null),
            yuv(FrameEncoding.UYVY, 16, null, ColorMatrix.BT601),
            frame(FrameEncoding.PNG)
                .setCapturedAt(Instant.parse("9999-12-31T23:59:59.999999Z"))
                .setPayload(ByteBuffer.wrap(png)))
        .map(builder -> frames.serializer().serialize("frames", builder.build()))
        .flatMap(record -> Stream.of(record, inMilliseconds(record)))
        .toList();
  }

  private static FrameEvent.Builder yuv(
      FrameEncoding encoding, int bytes, @Nullable ColorRange range, @Nullable ColorMatrix matrix) {
    return frame(encoding)
        .setWidth(4)
        .setHeight(2)
        .setColorRange(range)
        .setColorMatrix(matrix)
        .setPayload(ByteBuffer.wrap(new byte[bytes]));
  }

  /** The record as of a producer whose schema counts milliseconds. */
  private byte[] inMilliseconds(byte[] record) {
    return ByteBuffer.wrap(record.clone()).putInt(1, millisSchemaId).array();
  }

  private static FrameEvent.Builder frame(FrameEncoding encoding) {
    return FrameEvent.newBuilder()
        .setFrameId("frame-1")
        .setCameraId("camera-1")
        .setSequence(1)
        .setCapturedAt(Instant.EPOCH)
        .setEncoding(encoding);
  }

  /** Counts and lengths as Avro writes them. */
  @Override
  public List<byte[]> words() {
    return Stream.of(
            "00",
            "01",
            "02",
            "0000000001",
            "0000000002",
            "00000000ff",
            "feffffff0f",
            "ffffffff0f",
            "feffffffffffffffff01",
            "ffffffffffffffffff01",
            "80808008",
            "ffffffffffffffffffff01",
            "8080808010",
            "fe01",
            "ed a0 80".replace(" ", ""),
            "1b5b324a",
            "0d0a",
            "c29b")
        .map(HexFormat.of()::parseHex)
        .toList();
  }

  @Override
  public boolean reads(byte[] input) throws Exception {
    byte[] key = input.length < 64 ? null : Arrays.copyOf(input, input[40] & 63);
    long timestampMillis = TIMESTAMPS.get(input.length % TIMESTAMPS.size());
    SourceRecord record =
        new SourceRecord(
            "frames", 3, 7, timestampMillis, key, input, new RecordHeaders(), "attempt");
    assertThat(record.camera().toString().codePoints()).noneMatch(Character::isISOControl);
    try {
      FrameEvent event = reader.event(record);
      assertThat(event.getCapturedAt()).matches(CalendarRange::contains);
      if (event.getPayload() instanceof ByteBuffer payload) {
        var unused = reader.pixels(event, payload, fit, slot.clear());
      }
      return true;
    } catch (RejectedFrameException rejection) {
      Outcome outcome = encoder.deadLetter(record, rejection);
      assertThat(outcome.emissions()).hasSize(1);
      Emission emission = outcome.emissions().get(0);
      assertThat(emission.value()).hasSizeLessThanOrEqualTo(MAX_RECORD_BYTES);
      DeadLetterEvent letter =
          deadLetters.deserializer().deserialize("dead-letters", emission.value());
      assertThat(letter.getReason()).isNotEqualTo(DeadLetterReason.UNKNOWN);
      assertThat(letter.getSourceTimestamp()).matches(CalendarRange::contains);
      assertThat(letter.getMessage()).isNotBlank().hasSizeLessThan(2_000);
      assertThat(letter.getMessage().codePoints()).noneMatch(Character::isISOControl);
      assertThat(letter.getOutcomeId().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(100);
      return false;
    }
  }

  @Override
  public void close() {
    frames.close();
    deadLetters.close();
    client.close();
    registry.close();
  }
}
