package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ColorMatrix;
import io.atrous.event.ColorRange;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.FrameReference;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.MaskReader;
import io.atrous.event.ReferringSchemas;
import io.atrous.event.RegionEvent;
import io.atrous.event.SchemaRegistryException;
import io.atrous.event.Topics;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.OrientationPolicy;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.Segmenter;
import io.atrous.live.LiveTap;
import io.atrous.stream.EventOutputs.Output;
import io.atrous.stream.Outcome.Channel;
import io.atrous.stream.Outcome.Emission;
import io.atrous.tracing.FrameTrace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A frame's way from bytes to bytes, with a network that calls bright pixels class 1. */
final class FramePipelineTest {

  private static final int INPUT_WIDTH = 96;
  private static final int INPUT_HEIGHT = 64;
  private static final int MAX_BATCH = 4;
  private static final int WHITE = 0xFFFFFF;
  private static final int POISON = 0x0000FF;
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final AvroEventSerde<FrameEvent> frames = serde(FrameEvent.class);
  private final AvroEventSerde<MaskEvent> masks = serde(MaskEvent.class);
  private final AvroEventSerde<RegionEvent> regions = serde(RegionEvent.class);
  private final AvroEventSerde<DeadLetterEvent> deadLetters = serde(DeadLetterEvent.class);
  private volatile @Nullable RuntimeException engineFailure;
  private final Map<String, CompletableFuture<ByteBuffer>> fetches = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> asked = new CompletableFuture<>();
  private final AtomicLong aheadNanos = new AtomicLong();
  private final OutputTopics topics = new OutputTopics(Clock.fixed(NOW, ZoneOffset.UTC));
  private final Segmenter segmenter = segmenter();
  private FramePipeline pipeline = pipeline(1 << 20);

  @BeforeEach
  void registerSchemas() {
    frames.prepare(Topics.FRAMES);
    masks.prepare(Topics.MASKS);
    regions.prepare(Topics.REGIONS);
    deadLetters.prepare(Topics.DEAD_LETTERS);
  }

  @AfterEach
  void closeEverything() {
    pipeline.close();
    segmenter.close();
    List.of(frames, masks, regions, deadLetters).forEach(AvroEventSerde::close);
    registry.close();
  }

  @Test
  void aFrameBecomesItsMaskAndThenItsRegionsInPixelsOfTheFrame() throws Exception {
    RgbImage image = RgbImage.allocate(1920, 1080);
    paint(image, 480, 280, 960, 800, WHITE);

    Outcome outcome = answer(image, "camera-key");

    assertThat(outcome.key()).asString(StandardCharsets.UTF_8).isEqualTo("camera-key");
    assertThat(outcome.emissions())
        .extracting(Emission::channel)
        .containsExactly(Channel.MASKS, Channel.REGIONS, Channel.REGIONS);
    MaskEvent mask = read(masks, Topics.MASKS, outcome, 0);
    assertThat(mask.getOutcomeId()).isEqualTo("frames/3@7");
    assertThat(mask.getAttemptId()).isEqualTo("attempt");
    assertThat(mask.getFrameId()).isEqualTo("frame-1");
    assertThat(mask.getMaskWidth()).isEqualTo(96);
    assertThat(mask.getMaskHeight()).as("16:9 in 96x64, without its padding").isEqualTo(54);
    assertThat(mask.getFrameWidth()).isEqualTo(1920);
    assertThat(mask.getRegionCount()).isEqualTo(2);
    assertThat(mask.getTimings().getBatchSize()).isEqualTo(1);
    assertThat(MaskReader.labels(mask).get(30, 20)).isEqualTo(1);
    assertThat(mask.getClasses())
        .extracting(c -> c.getName() + " " + c.getPixelCount())
        .containsExactly("dark " + (96 * 54 - 24 * 26), "bright " + 24 * 26);

    RegionEvent bright = read(regions, Topics.REGIONS, outcome, 2);
    double maskPixel = 1920 / 96.0;
    assertThat(bright.getRegionId()).isEqualTo("frames/3@7/1");
    assertThat(bright.getClassName()).isEqualTo("bright");
    assertThat(bright.getBox().getX()).isCloseTo(480, within(maskPixel));
    assertThat(bright.getBox().getY()).isCloseTo(280, within(maskPixel));
    assertThat(bright.getBox().getWidth()).isCloseTo(480, within(maskPixel));
    assertThat(bright.getBox().getHeight()).isCloseTo(520, within(maskPixel));
    assertThat((double) bright.getAreaPixels()).isCloseTo(480 * 520, within(2.0 * 1020 * 20));
    assertThat(bright.getTouchesBorder()).isFalse();
  }

  @Test
  void aFrameThatWasHeldSidewaysIsAnsweredUprightAndSaysSo() throws Exception {
    RgbImage stored = RgbImage.allocate(64, 96);
    paint(stored, 0, 0, 64, 32, WHITE);

    Outcome outcome =
        answer(record(bytes(frame(), sideways(FrameEncoder.jpeg(stored, 95))), "key"));

    MaskEvent mask = read(masks, Topics.MASKS, outcome, 0);
    assertThat(mask.getFrameOrientation()).isEqualTo(6);
    assertThat(mask.getFrameWidth()).isEqualTo(96);
    assertThat(mask.getFrameHeight()).isEqualTo(64);
    RegionEvent bright = read(regions, Topics.REGIONS, outcome, 2);
    assertThat(bright.getFrameOrientation()).isEqualTo(6);
    assertThat(bright.getFrameWidth()).isEqualTo(96);
    assertThat(bright.getClassName()).isEqualTo("bright");
    assertThat(bright.getBox().getX()).isCloseTo(64, within(1.0));
    assertThat(bright.getBox().getWidth()).isCloseTo(32, within(1.0));
    assertThat(bright.getBox().getHeight()).isCloseTo(64, within(1.0));
  }

  @Test
  void aRawFramesColoursAreWhatItsEventSays() throws Exception {
    byte[] grey = yuyv(157, 128);
    byte[] reddish = yuyv(130, 145);

    assertThat(topLeft(raw(), grey)).as("red 164").isEqualTo(1);
    assertThat(topLeft(raw().setColorRange(ColorRange.FULL), grey)).as("red 157").isZero();
    assertThat(topLeft(raw(), reddish)).as("red 160").isZero();
    assertThat(topLeft(raw().setColorMatrix(ColorMatrix.BT709), reddish))
        .as("red 163")
        .isEqualTo(1);
  }

  @Test
  void coloursThatNobodyKnowsAreUnsupportedWhereTheyMatter() throws Exception {
    assertThat(reason(f -> yuyv(f).setColorRange(ColorRange.UNKNOWN)))
        .isEqualTo(DeadLetterReason.UNSUPPORTED_ENCODING);
    assertThat(reason(f -> yuyv(f).setColorMatrix(ColorMatrix.UNKNOWN)))
        .isEqualTo(DeadLetterReason.UNSUPPORTED_ENCODING);
    FrameEvent.Builder jpeg = frame().setColorRange(ColorRange.UNKNOWN);
    byte[] payload = FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80);
    assertThat(answer(record(bytes(jpeg, payload), "key")).emissions().get(0).channel())
        .isEqualTo(Channel.MASKS);
  }

  private static FrameEvent.Builder yuyv(FrameEvent.Builder frame) {
    return frame
        .setEncoding(FrameEncoding.YUYV)
        .setWidth(96)
        .setHeight(64)
        .setPayload(ByteBuffer.wrap(yuyv(128, 128)));
  }

  private FrameEvent.Builder raw() {
    return yuyv(frame());
  }

  private int topLeft(FrameEvent.Builder frame, byte[] payload) throws Exception {
    Outcome outcome = answer(record(bytes(frame, payload), "key"));
    return MaskReader.labels(read(masks, Topics.MASKS, outcome, 0)).get(0, 0);
  }

  /** 96 by 64 pixels of one colour, whose difference of blue is 0. */
  private static byte[] yuyv(int y, int v) {
    ByteBuffer pixels = ByteBuffer.allocate(96 * 64 * 2);
    while (pixels.hasRemaining()) {
      pixels.put((byte) y).put((byte) 128).put((byte) y).put((byte) v);
    }
    return pixels.array();
  }

  /** The JPEG with an EXIF segment whose only entry says that the top belongs right. */
  private static byte[] sideways(byte[] jpeg) {
    byte[] exif =
        HexFormat.of()
            .parseHex(
                "ffe10022457869660000"
                    + "4d4d002a00000008"
                    + "0001"
                    + "011200030000000100060000"
                    + "00000000");
    return ByteBuffer.allocate(jpeg.length + exif.length)
        .put(jpeg, 0, 2)
        .put(exif)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  @Test
  void whatIsWarmAnswersAsBefore() throws Exception {
    pipeline.warm(new WarmUp()).join();

    assertThat(answer(RgbImage.allocate(100, 50), null).emissions())
        .extracting(Emission::channel)
        .contains(Channel.MASKS)
        .doesNotContain(Channel.DEAD_LETTERS);
  }

  @Test
  void noLimitOfFramesStopsTheWarmUp() throws Exception {
    pipeline.close();
    pipeline = pipeline(1 << 20, frames, new DecodeLimits(1, 1));

    pipeline.warm(new WarmUp()).join();

    assertThat(deadLetter(record(jpegEvent(), "key")).getReason())
        .isEqualTo(DeadLetterReason.TOO_LARGE);
  }

  @Test
  void anEngineThatIsBrokenCanNotBeWarmed() {
    engineFailure = new IllegalStateException("broken");

    assertThatThrownBy(() -> pipeline.warm(new WarmUp()).join()).hasRootCauseMessage("broken");
  }

  @Test
  void withoutAKeyTheCameraIsTheKey() throws Exception {
    assertThat(answer(RgbImage.allocate(64, 64), null).key())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("camera-1");
  }

  @Test
  void whatIsNotAFrameEventIsADeadLetterThatCarriesItsSource() throws Exception {
    DeadLetterEvent letter = deadLetter(record(new byte[] {1, 2, 3}, "key"));

    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.UNDECODABLE_RECORD);
    assertThat(letter.getOutcomeId()).isEqualTo("frames/3@7");
    assertThat(letter.getFailedAt()).isEqualTo(NOW);
    assertThat(letter.getSourceOffset()).isEqualTo(7);
    assertThat(letter.getSourceValue()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    assertThat(letter.getSourceKey())
        .isEqualTo(ByteBuffer.wrap("key".getBytes(StandardCharsets.UTF_8)));
    assertThat(letter.getSourceHeaders()).hasSize(1);
    assertThat(letter.getFrameId()).isNull();
    assertThat(letter.getSourceTruncated()).isFalse();
  }

  @Test
  void everyKindOfBadFrameHasItsReason() throws Exception {
    byte[] jpeg = FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80);
    assertThat(deadLetter(record(null, null)).getReason())
        .isEqualTo(DeadLetterReason.UNDECODABLE_RECORD);
    assertThat(reason(f -> f.setPayload(ByteBuffer.wrap(new byte[100]))))
        .isEqualTo(DeadLetterReason.UNDECODABLE_IMAGE);
    assertThat(reason(f -> f.setPayload(ByteBuffer.wrap(jpeg, 0, jpeg.length / 2))))
        .isEqualTo(DeadLetterReason.UNDECODABLE_IMAGE);
    assertThat(reason(f -> f.setPayload(ByteBuffer.allocate(200_001))))
        .isEqualTo(DeadLetterReason.TOO_LARGE);
    assertThat(reason(f -> f.setEncoding(FrameEncoding.UNKNOWN)))
        .isEqualTo(DeadLetterReason.UNSUPPORTED_ENCODING);
    assertThat(reason(f -> f.setEncoding(FrameEncoding.RGB24)))
        .isEqualTo(DeadLetterReason.INVALID_DIMENSIONS);
    assertThat(reason(f -> f.setEncoding(FrameEncoding.GRAY8).setWidth(-4).setHeight(5)))
        .isEqualTo(DeadLetterReason.INVALID_DIMENSIONS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"+58000-01-01T00:00:00Z", "0000-12-31T23:59:59.999999Z", "+10000-01-01T00:00:00Z"})
  void aTimeThatConsumersCanNotHoldIsADeadLetterWithoutIt(String capturedAt) throws Exception {
    FrameEvent.Builder frame = frame().setCapturedAt(Instant.parse(capturedAt));

    DeadLetterEvent letter = deadLetter(record(bytes(frame, new byte[10]), "key"));

    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.INVALID_TIMESTAMP);
    assertThat(letter.getMessage()).contains(capturedAt);
    assertThat(letter.getCapturedAt()).isNull();
    assertThat(letter.getFrameId()).isEqualTo("frame-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"})
  void theFirstAndTheLastTimeThatConsumersCanHoldArePassedOn(String capturedAt) throws Exception {
    FrameEvent.Builder frame = frame().setCapturedAt(Instant.parse(capturedAt));
    byte[] jpeg = FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80);

    Outcome outcome = answer(record(bytes(frame, jpeg), "key"));

    assertThat(read(masks, Topics.MASKS, outcome, 0).getCapturedAt())
        .isEqualTo(Instant.parse(capturedAt));
  }

  @Test
  void aRecordsTimeThatConsumersCanNotHoldIsTheLastOneInItsDeadLetter() throws Exception {
    SourceRecord record =
        new SourceRecord(
            Topics.FRAMES, 3, 7, Long.MAX_VALUE, null, new byte[3], new RecordHeaders(), "attempt");

    assertThat(deadLetter(record).getSourceTimestamp()).isEqualTo("9999-12-31T23:59:59.999Z");
  }

  @Test
  void aReferenceBecomesTheMaskOfWhatItRefersTo() throws Exception {
    RgbImage image = RgbImage.allocate(96, 64);
    paint(image, 0, 0, 48, 64, WHITE);
    CompletableFuture<Outcome> outcome = pipeline.analyze(referring("a"));
    asked.join();
    aheadNanos.set(TimeUnit.HOURS.toNanos(1));

    fetch("a").complete(ByteBuffer.wrap(FrameEncoder.jpeg(image, 95)));

    MaskEvent mask = read(masks, Topics.MASKS, outcome.get(), 0);
    assertThat(mask.getFrameId()).isEqualTo("frame-1");
    assertThat(mask.getClasses())
        .extracting(c -> c.getName() + " " + c.getPixelCount())
        .containsExactly("dark " + 48 * 64, "bright " + 48 * 64);
    assertThat(mask.getTimings().getQueuedMicros())
        .as("the hour of the fetch is part of the wait")
        .isGreaterThan(TimeUnit.HOURS.toMicros(1));
  }

  @Test
  void aReferenceThatIsRefusedIsADeadLetterWithTheReason() throws Exception {
    fetch("a")
        .completeExceptionally(
            new FrameRejectedException(
                FrameRejectedException.Reason.REFERENCE_MISMATCH, "another digest"));

    DeadLetterEvent letter = deadLetter(referring("a"));

    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.REFERENCE_MISMATCH);
    assertThat(letter.getMessage()).isEqualTo("another digest");
    assertThat(letter.getFrameId()).isEqualTo("frame-1");
  }

  @Test
  void aDamagedPayloadIsADeadLetterWhereverItLay() throws Exception {
    fetch("a").complete(ByteBuffer.wrap(new byte[100]));

    assertThat(deadLetter(referring("a")).getReason())
        .isEqualTo(DeadLetterReason.UNDECODABLE_IMAGE);
  }

  @Test
  void aResolverThatFailsFailsTheFutureAndBlamesNoFrame() {
    fetch("a").completeExceptionally(new IllegalStateException("closed"));

    assertThatThrownBy(() -> pipeline.analyze(referring("a")).join())
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("closed");
  }

  @Test
  void framesWhosePayloadsAreSlowToComeDelayNoOthers() throws Exception {
    List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
    for (int i = 0; i < 10 * ServedModel.slotCount(MAX_BATCH, 1, TestModel.WORKERS); i++) {
      waiting.add(pipeline.analyze(referring("slow")));
    }

    assertThat(answer(RgbImage.allocate(64, 64), "key").emissions()).isNotEmpty();

    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    fetch("slow").complete(ByteBuffer.wrap(FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80)));
    for (CompletableFuture<Outcome> outcome : waiting) {
      assertThat(outcome.get().emissions()).isNotEmpty();
    }
  }

  @Test
  void aFrameThatIsGivenUpGivesItsFetchUp() {
    CompletableFuture<Outcome> outcome = pipeline.analyze(referring("a"));
    asked.join();

    outcome.cancel(false);

    assertThatThrownBy(() -> fetch("a").get()).isInstanceOf(CancellationException.class);
  }

  @Test
  void aMaskThatIsLargerThanARecordMayBeIsADeadLetter() throws Exception {
    pipeline.close();
    pipeline = pipeline(600);
    SplittableRandom random = new SplittableRandom(1);
    RgbImage noise = RgbImage.allocate(96, 64);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 96; x++) {
        noise.setRgb(x, y, random.nextBoolean() ? WHITE : 0);
      }
    }

    DeadLetterEvent letter = deadLetter(record(png(noise), "key"));

    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.OUTCOME_TOO_LARGE);
    assertThat(letter.getFrameId()).isEqualTo("frame-1");
    assertThat(letter.getSourceTruncated()).isTrue();
    assertThat(letter.getSourceValue()).isNull();
    assertThat(letter.getSourceValueSizeBytes()).isGreaterThan(600);
  }

  @Test
  void aDeadLetterIsNeverTooLargeWhateverTheSourceSays() throws Exception {
    pipeline.close();
    pipeline = pipeline(600);
    FrameEvent.Builder absurd =
        frame().setFrameId("f".repeat(5_000)).setCameraId("c".repeat(5_000));

    Outcome outcome = answer(record(bytes(absurd, new byte[10]), "k".repeat(5_000)));

    assertThat(outcome.emissions()).hasSize(1);
    assertThat(outcome.emissions().get(0).value().length).isLessThan(600);
    assertThat(outcome.key()).isNull();
    DeadLetterEvent letter = read(deadLetters, Topics.DEAD_LETTERS, outcome, 0);
    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.TOO_LARGE);
    assertThat(letter.getOutcomeId()).isEqualTo("frames/3@7");
  }

  @Test
  void allEventsOfAFrameCarryTheHeadersToCopyInTheirOrderAndNoOthers() throws Exception {
    RecordHeaders headers = new RecordHeaders();
    headers.add("copied", new byte[] {1}).add("h", new byte[] {2}).add("copied", null);

    Outcome outcome = answer(record(jpegEvent(), "key", headers));

    assertThat(outcome.emissions()).hasSizeGreaterThan(1);
    assertThat(outcome.headers())
        .containsExactly(
            new RecordHeader("copied", new byte[] {1}), new RecordHeader("copied", (byte[]) null));
    assertThat(answer(record(new byte[] {1}, "key", headers)).headers()).hasSize(2);
  }

  @Test
  void aFrameWithMoreHeadersToCopyThanMayBeIsADeadLetterThatSaysSo() throws Exception {
    RecordHeaders headers = new RecordHeaders();
    headers.add("copied", new byte[500]).add("copied", new byte[500]).add("h", new byte[5_000]);

    DeadLetterEvent letter = deadLetter(record(jpegEvent(), "key", headers));

    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.TOO_LARGE);
    assertThat(letter.getMessage()).contains("headers to copy", "1000");
    assertThat(letter.getFrameId()).isEqualTo("frame-1");
  }

  @Test
  void anOutcomeThatIsTooLargeWithItsHeadersIsADeadLetterThatFitsWithoutThem() throws Exception {
    pipeline.close();
    pipeline = pipeline(600);
    RecordHeaders headers = new RecordHeaders();
    headers.add("copied", new byte[450]);
    assertThat(answer(record(jpegEvent(), "key")).reason()).isNull();

    Outcome outcome = answer(record(jpegEvent(), "key", headers));

    assertThat(outcome.reason()).isEqualTo(DeadLetterReason.OUTCOME_TOO_LARGE);
    assertThat(outcome.headers()).isEmpty();
    assertThat(read(deadLetters, Topics.DEAD_LETTERS, outcome, 0).getMessage())
        .contains("with its key and headers");
  }

  @Test
  void aBrokenEngineFailsTheFutureAndBlamesNoFrame() {
    engineFailure = new IllegalStateException("device lost");

    CompletableFuture<Outcome> outcome = pipeline.analyze(record(jpegEvent(), "key"));

    assertThatThrownBy(outcome::join)
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("device lost");
  }

  @Test
  void aTraceIsToldOfEachStageOfItsFrame() throws Exception {
    RecordedTrace trace = new RecordedTrace();
    CompletableFuture<Outcome> outcome = pipeline.analyze(traced(referring("a"), trace));
    fetch("a").complete(ByteBuffer.wrap(FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80)));

    outcome.get();

    assertThat(trace.told)
        .containsExactly("camera key", "frame frame-1", "fetch", "decode", "queue", "encode");
  }

  @Test
  void aTraceIsToldThatItsFrameCouldNotBeAnswered() {
    RecordedTrace trace = new RecordedTrace();
    CompletableFuture<Outcome> outcome = pipeline.analyze(traced(referring("a"), trace));

    fetch("a").completeExceptionally(new IllegalStateException("the store is gone"));

    assertThatThrownBy(outcome::join).isInstanceOf(CompletionException.class);
    assertThat(trace.told).endsWith("fails: the store is gone");
  }

  @Test
  void aTraceIsToldThatItsFrameWasGivenUpWithItsOutcomeOrWithout() throws Exception {
    RecordedTrace trace = new RecordedTrace();
    pipeline.analyze(traced(referring("a"), trace)).cancel(false);
    assertThat(trace.told).endsWith("given up");

    RecordedTrace answered = new RecordedTrace();
    CompletableFuture<Outcome> outcome =
        pipeline.analyze(traced(record(jpegEvent(), "key"), answered));
    outcome.get();
    outcome.cancel(false);
    assertThat(answered.told).endsWith("encode", "given up");
  }

  @Test
  void aFrameThatTheEngineCanNotTakeIsADeadLetterAndItsNeighboursGetMasks() throws Exception {
    RgbImage poison = RgbImage.allocate(96, 64);
    paint(poison, 0, 0, 96, 64, POISON);
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      RgbImage image = i == 5 ? poison : RgbImage.allocate(96, 64);
      outcomes.add(pipeline.analyze(record(png(image), "key")));
    }

    for (int i = 0; i < 12; i++) {
      Outcome outcome = outcomes.get(i).get();
      assertThat(outcome.emissions().get(0).channel())
          .isEqualTo(i == 5 ? Channel.DEAD_LETTERS : Channel.MASKS);
    }
    DeadLetterEvent letter = read(deadLetters, Topics.DEAD_LETTERS, outcomes.get(5).get(), 0);
    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.ENGINE_REJECTED);
    assertThat(letter.getFrameId()).isEqualTo("frame-1");
    assertThat(letter.getMessage()).contains("poisoned").doesNotContain("\n");
  }

  @Test
  void aRegistryThatIsGoneFailsTheFutureAndBlamesNoFrame() {
    byte[] event = jpegEvent();
    registry.close();
    AvroEventSerde<FrameEvent> fresh = new AvroEventSerde<>(FrameEvent.class);
    fresh.configure(
        Map.of(
            "schema.registry.url", registry.url().toString(),
            "max.retries", "0",
            "http.connect.timeout.ms", "500"),
        false);
    pipeline.close();
    pipeline = pipeline(1 << 20, fresh);

    CompletableFuture<Outcome> outcome = pipeline.analyze(record(event, "key"));

    assertThatThrownBy(outcome::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(SchemaRegistryException.class);
    fresh.close();
  }

  @Test
  void aFrameWhoseSchemaRefersToOthersIsAnswered() throws Exception {
    byte[] event = jpegEvent();
    ByteBuffer.wrap(event).putInt(1, ReferringSchemas.register("producer-value", registry.url()));

    assertThat(answer(record(event, "key")).emissions())
        .extracting(Emission::channel)
        .startsWith(Channel.MASKS);
  }

  @Test
  void framesThatAreGivenUpLeaveRoomForOthers() throws Exception {
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      CompletableFuture<Outcome> outcome = pipeline.analyze(record(jpegEvent(), "key"));
      if (i % 3 != 0) {
        outcome.cancel(false);
      }
      all.add(outcome);
    }

    for (int i = 0; i < all.size(); i += 3) {
      assertThat(all.get(i).join().emissions()).isNotEmpty();
    }
  }

  private DeadLetterReason reason(UnaryOperator<FrameEvent.Builder> change) throws Exception {
    FrameEvent.Builder frame =
        frame().setPayload(ByteBuffer.wrap(FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80)));
    byte[] value = frames.serializer().serialize(Topics.FRAMES, change.apply(frame).build());
    return deadLetter(record(value, "key")).getReason();
  }

  private DeadLetterEvent deadLetter(SourceRecord record) throws Exception {
    Outcome outcome = answer(record);
    assertThat(outcome.emissions())
        .extracting(Emission::channel)
        .containsExactly(Channel.DEAD_LETTERS);
    return read(deadLetters, Topics.DEAD_LETTERS, outcome, 0);
  }

  private Outcome answer(RgbImage image, @Nullable String key) throws Exception {
    return answer(record(bytes(frame(), FrameEncoder.jpeg(image, 95)), key));
  }

  private Outcome answer(SourceRecord record) throws Exception {
    return pipeline.analyze(record).get();
  }

  private static <T extends SpecificRecord> T read(
      AvroEventSerde<T> serde, String topic, Outcome outcome, int index) {
    return serde.deserializer().deserialize(topic, outcome.emissions().get(index).value());
  }

  private byte[] png(RgbImage image) {
    return bytes(frame().setEncoding(FrameEncoding.PNG), FrameEncoder.png(image));
  }

  private CompletableFuture<ByteBuffer> fetch(String uri) {
    return fetches.computeIfAbsent(uri, any -> new CompletableFuture<>());
  }

  private SourceRecord referring(String uri) {
    FrameEvent event = frame().setPayload(new FrameReference(uri, 10L, "00".repeat(32))).build();
    return record(frames.serializer().serialize(Topics.FRAMES, event), "key");
  }

  private static SourceRecord traced(SourceRecord record, FrameTrace trace) {
    return new SourceRecord(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestampMillis(),
        record.key(),
        record.value(),
        record.headers(),
        record.attemptId(),
        trace);
  }

  private byte[] jpegEvent() {
    return bytes(frame(), FrameEncoder.jpeg(RgbImage.allocate(64, 48), 80));
  }

  private byte[] bytes(FrameEvent.Builder frame, byte[] payload) {
    return frames
        .serializer()
        .serialize(Topics.FRAMES, frame.setPayload(ByteBuffer.wrap(payload)).build());
  }

  private static FrameEvent.Builder frame() {
    return FrameEvent.newBuilder()
        .setFrameId("frame-1")
        .setCameraId("camera-1")
        .setSequence(1)
        .setCapturedAt(NOW)
        .setEncoding(FrameEncoding.JPEG);
  }

  private static SourceRecord record(byte @Nullable [] value, @Nullable String key) {
    return record(value, key, new RecordHeaders().add("h", new byte[] {1}));
  }

  private static SourceRecord record(
      byte @Nullable [] value, @Nullable String key, Headers headers) {
    return new SourceRecord(
        Topics.FRAMES,
        3,
        7,
        NOW.toEpochMilli(),
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        value,
        headers,
        "attempt");
  }

  private static void paint(RgbImage image, int left, int top, int right, int bottom, int rgb) {
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        image.setRgb(x, y, rgb);
      }
    }
  }

  private <T extends SpecificRecord> AvroEventSerde<T> serde(Class<T> type) {
    return LoopbackSerdes.serde(type, registry);
  }

  private FramePipeline pipeline(int maxRecordBytes) {
    return pipeline(maxRecordBytes, frames);
  }

  private FramePipeline pipeline(int maxRecordBytes, AvroEventSerde<FrameEvent> frameSerde) {
    return pipeline(maxRecordBytes, frameSerde, new DecodeLimits(200_000, 4_000_000));
  }

  private FramePipeline pipeline(
      int maxRecordBytes, AvroEventSerde<FrameEvent> frameSerde, DecodeLimits limits) {
    return new FramePipeline(
        new ModelSwitch(TestModel.served(segmenter, maxRecordBytes)),
        frameSerde.deserializer(),
        reference -> {
          asked.complete(null);
          return fetch(reference.uri());
        },
        FrameLimits.of(limits),
        OrientationPolicy.APPLY,
        new EventOutputs(
            new Output<>(Topics.MASKS, masks.serializer()),
            new Output<>(Topics.REGIONS, regions.serializer()),
            new Output<>(Topics.DEAD_LETTERS, deadLetters.serializer()),
            topics),
        SheddingPolicy.none(),
        CameraWeights.equal(),
        new ShedFrames(),
        TestModel.WORKERS,
        Clock.fixed(NOW, ZoneOffset.UTC),
        FrameMetrics.unread(this::nanoTime),
        LiveTap.OFF);
  }

  private Segmenter segmenter() {
    return TestModel.segmenter(MAX_BATCH, Duration.ZERO, BrightnessEngine::new, this::nanoTime);
  }

  private long nanoTime() {
    return System.nanoTime() + aheadNanos.get();
  }

  private final class BrightnessEngine implements SegmentationEngine {

    @Override
    public EngineProfile profile() {
      return new EngineProfile("test", "fp32", INPUT_HEIGHT, INPUT_WIDTH, MAX_BATCH);
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      RuntimeException failure = engineFailure;
      if (failure != null) {
        throw failure;
      }
      if (images.stream().anyMatch(image -> image.get(0) == 0 && image.get(2) == (byte) POISON)) {
        throw new IllegalArgumentException("poisoned");
      }
      return images.stream().map(FramePipelineTest::bright).toList();
    }

    @Override
    public void close() {}
  }

  private static EngineMask bright(ByteBuffer image) {
    byte[] labels = new byte[INPUT_HEIGHT * INPUT_WIDTH];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) ((image.get(3 * i) & 0xFF) > 160 ? 1 : 0);
    }
    return new EngineMask(labels, null);
  }
}
