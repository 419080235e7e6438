package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.batching.BatchPolicy;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.ModelReference;
import io.atrous.frame.DecodeLimits;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.Segmenter;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import io.atrous.stream.EventOutputs.Output;
import io.atrous.stream.Outcome.Emission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
  private static final ModelSpec MODEL =
      new ModelSpec(
          "m",
          "1",
          new ClassCatalog(
              List.of(new SegmentationClass("dark", 0), new SegmentationClass("bright", 1))),
          SIDE,
          SIDE,
          Normalization.IMAGENET,
          ResizePolicy.FIT);

  final ShedFrames shedFrames = new ShedFrames();
  final FramePipeline pipeline;

  private final AtomicLong nanos = new AtomicLong();
  private final BlockingQueue<List<Integer>> batches = new LinkedBlockingQueue<>();
  private final Semaphore passes = new Semaphore(0);
  private final Segmenter segmenter;
  private volatile boolean held;
  private volatile int imagesHeld;

  PlainPipeline(SheddingPolicy policy, int maxBatchSize) {
    int threads = 2;
    segmenter =
        Segmenter.start(
            new BatchPolicy(
                maxBatchSize, Duration.ZERO, ServedModel.slotCount(maxBatchSize, 1, threads)),
            1,
            () -> new Engine(maxBatchSize),
            nanos::get);
    batches.clear();
    InstantSource now = () -> Instant.ofEpochMilli(START_MILLIS + nanos.get() / 1_000_000);
    pipeline =
        new FramePipeline(
            new ModelSwitch(
                new ServedModel(
                    MODEL,
                    segmenter,
                    new ResultSettings(
                        new ModelReference("m", "1", "0".repeat(64), "fp32"),
                        MaskFormat.CHAIN_CODE,
                        null,
                        new RegionOptions(0, 100, 0, Set.of()),
                        1 << 20,
                        1 << 19),
                    threads)),
            (topic, bytes) -> event(bytes),
            reference -> CompletableFuture.failedFuture(new IllegalStateException("no payloads")),
            FrameLimits.of(new DecodeLimits(4 << 20, 4 << 20)),
            new EventOutputs(
                new Output<>("masks", (topic, mask) -> bytes(mask::toByteBuffer)),
                new Output<>("regions", (topic, region) -> bytes(region::toByteBuffer)),
                new Output<>("dead-letters", (topic, letter) -> bytes(letter::toByteBuffer))),
            policy,
            CameraWeights.equal(),
            shedFrames,
            threads,
            now.withZone(ZoneOffset.UTC),
            nanos::get);
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

  private final class Engine implements SegmentationEngine {

    private final int maxBatchSize;

    Engine(int maxBatchSize) {
      this.maxBatchSize = maxBatchSize;
    }

    @Override
    public EngineProfile profile() {
      return new EngineProfile("test", "fp32", SIDE, SIDE, maxBatchSize);
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
      return images.stream().map(image -> new EngineMask(new byte[SIDE * SIDE], null)).toList();
    }

    @Override
    public void close() {}
  }
}
