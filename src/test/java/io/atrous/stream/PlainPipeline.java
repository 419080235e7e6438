package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.OrientationPolicy;
import io.atrous.inference.BlankEngine;
import io.atrous.inference.EngineMask;
import io.atrous.inference.Segmenter;
import io.atrous.live.LiveTap;
import io.atrous.stream.EventOutputs.Output;
import io.atrous.stream.Outcome.Emission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A real pipeline around an engine that can be held, with plain Avro instead of a registry, and its
 * own time. Frames are grey squares; the brightness tells them apart.
 *
 * <p>Time stands still unless a test moves it on.
 */
final class PlainPipeline implements AutoCloseable {

  static {
    // Has Avro trust the generated classes.
    new AvroEventSerde<>(FrameEvent.class).close();
  }

  static final long START_MILLIS = 1_700_000_000_000L;

  private static final int SIDE = 16;
  final ShedFrames shedFrames = new ShedFrames();
  final FramePipeline pipeline;

  private final AtomicLong nanos = new AtomicLong();
  private final BlockingQueue<List<Integer>> batches = new LinkedBlockingQueue<>();
  private final Semaphore passes = new Semaphore(0);
  private final Segmenter segmenter;
  private volatile boolean held;
  private volatile int imagesHeld;

  PlainPipeline(SheddingPolicy policy, int maxBatchSize) {
    this(policy, maxBatchSize, LiveTap.OFF);
  }

  PlainPipeline(SheddingPolicy policy, int maxBatchSize, LiveTap live) {
    segmenter =
        TestModel.segmenter(
            maxBatchSize, Duration.ZERO, () -> new Engine(maxBatchSize), nanos::get);
    batches.clear();
    InstantSource now = () -> Instant.ofEpochMilli(START_MILLIS + nanos.get() / 1_000_000);
    pipeline =
        new FramePipeline(
            new ModelSwitch(TestModel.served(segmenter, 1 << 20)),
            (topic, bytes) -> event(bytes),
            reference -> CompletableFuture.failedFuture(new IllegalStateException("no payloads")),
            FrameLimits.of(new DecodeLimits(4 << 20, 4 << 20)),
            OrientationPolicy.IGNORE,
            new EventOutputs(
                new Output<>("masks", (topic, mask) -> bytes(mask::toByteBuffer)),
                new Output<>("regions", (topic, region) -> bytes(region::toByteBuffer)),
                new Output<>("dead-letters", (topic, letter) -> bytes(letter::toByteBuffer)),
                new OutputTopics(Clock.systemUTC())),
            policy,
            CameraWeights.equal(),
            shedFrames,
            TestModel.WORKERS,
            now.withZone(ZoneOffset.UTC),
            FrameMetrics.unread(nanos::get),
            live);
  }

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** From now on the engine says what batches it got, but answers none before {@link #release}. */
  void hold() {
    held = true;
  }

  /** Lets every batch through, now and later. */
  void release() {
    held = false;
    passes.release(1_000_000);
  }

  /** Lets one batch through. */
  void letOneThrough() {
    passes.release();
  }

  /** How many images the engine has and does not let through yet. */
  int imagesHeld() {
    return imagesHeld;
  }

  /** How many images wait for a batch. */
  int queued() {
    return segmenter.queued();
  }

  /** Waits for the next batch that the engine gets: the brightness of its frames. */
  List<Integer> nextBatch() throws InterruptedException {
    return batches.take();
  }

  CompletableFuture<Outcome> analyze(String camera, int brightness) {
    return pipeline.analyze(record(camera, brightness, nanos.get() / 1_000_000));
  }

  /** A frame whose record was made so long after the start. */
  static SourceRecord record(String camera, int brightness, long madeMillis) {
    return new SourceRecord(
        "frames",
        0,
        brightness,
        START_MILLIS + madeMillis,
        camera.getBytes(UTF_8),
        frame(camera, brightness, SIDE * SIDE),
        new RecordHeaders().add("h", new byte[] {1}),
        "attempt");
  }

  /** A frame event of a square of so many pixels. */
  static byte[] frame(String camera, int brightness, int pixels) {
    int side = (int) Math.sqrt(pixels);
    byte[] payload = new byte[side * side];
    Arrays.fill(payload, (byte) brightness);
    FrameEvent event =
        FrameEvent.newBuilder()
            .setFrameId("frame-" + brightness)
            .setCameraId(camera)
            .setSequence(brightness)
            .setCapturedAt(Instant.ofEpochMilli(START_MILLIS))
            .setEncoding(FrameEncoding.GRAY8)
            .setWidth(side)
            .setHeight(side)
            .setPayload(ByteBuffer.wrap(payload))
            .build();
    return bytes(event::toByteBuffer);
  }

  static DeadLetterEvent deadLetter(Outcome outcome) {
    Emission only = outcome.emissions().get(0);
    if (outcome.emissions().size() != 1 || only.channel() != Outcome.Channel.DEAD_LETTERS) {
      throw new AssertionError("not a dead letter: " + outcome);
    }
    return deadLetter(only.value());
  }

  static DeadLetterEvent deadLetter(byte[] value) {
    try {
      return DeadLetterEvent.fromByteBuffer(ByteBuffer.wrap(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    release();
    pipeline.close();
    segmenter.close();
  }

  @SuppressWarnings("NullAway") // Kafka's deserializers may return null.
  private static @Nullable FrameEvent event(byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : FrameEvent.fromByteBuffer(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Encoding {
    ByteBuffer encode() throws IOException;
  }

  private static byte[] bytes(Encoding encoding) {
    try {
      ByteBuffer buffer = encoding.encode();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Engine extends BlankEngine {

    Engine(int maxBatchSize) {
      super(SIDE, maxBatchSize);
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      List<Integer> batch = new ArrayList<>();
      images.forEach(image -> batch.add(image.get(0) & 0xFF));
      batches.add(batch);
      if (held) {
        imagesHeld = images.size();
        passes.acquireUninterruptibly();
        imagesHeld = 0;
      }
      return super.segment(images);
    }
  }
}
