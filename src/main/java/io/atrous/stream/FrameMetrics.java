package io.atrous.stream;

import io.atrous.event.DeadLetterReason;
import io.atrous.metrics.LatencyTimer;
import io.atrous.tracing.FrameTrace;
import io.atrous.tracing.FrameTracer;
import io.atrous.tracing.Stage;
import io.atrous.tracing.StageTimer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * The meters of frames: what became of them, how long each stage took, and how many are on their
 * way. Meters whose labels are known beforehand exist from the start, at 0. The frames' traces are
 * told the same.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class FrameMetrics {

  private static final String FRAMES = "atrous.frames";
  private static final String FRAMES_HELP =
      "Frames whose outcome was written, by outcome and a dead letter's reason";

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final FrameTracer tracer;
  private final PartitionProgress progress = new PartitionProgress();
  private final Kind masks;
  private final Kind dropped;
  private final Map<DeadLetterReason, Kind> deadLetters = new EnumMap<>(DeadLetterReason.class);
  private final StageTimer fetch;
  private final StageTimer decode;
  private final StageTimer encode;
  private final Timer commitWait;
  private final Timer endToEnd;

  /**
   * A kind of outcome, as metrics and traces name it.
   *
   * @param reason why it is no mask; empty if it is one
   * @param frames have had such an outcome
   */
  private record Kind(String outcome, String reason, Counter frames) {}

  /**
   * Registers the meters.
   *
   * @param registry stays the caller's
   * @param shedFrames has counted the frames that were shed
   * @param nanoTime the clock of stages and of arrivals
   * @param tracer follows the frames; stays the caller's
   */
  public FrameMetrics(
      MeterRegistry registry, ShedFrames shedFrames, LongSupplier nanoTime, FrameTracer tracer) {
    this.registry = registry;
    this.nanoTime = nanoTime;
    this.tracer = tracer;
    this.masks = frames("mask", "");
    this.dropped = frames("shed", "stale");
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      deadLetters.put(reason, frames("dead_letter", lowerCase(reason)));
    }
    for (ShedCause cause : ShedCause.values()) {
      FunctionCounter.builder(
              "atrous.frames.shed",
              shedFrames,
              shed -> shed.counts().byCause().getOrDefault(cause, 0L))
          .description("Frames that were shed instead of segmented, by why")
          .tag("cause", lowerCase(cause))
          .register(registry);
    }
    this.fetch = stage(Stage.FETCH, "From a frame's arrival until its payload is fetched");
    this.decode = stage(Stage.DECODE, "Time of a worker for a frame's pixels, resized");
    this.encode = stage(Stage.ENCODE, "Time of a worker for a frame's regions, mask and events");
    this.commitWait = timer("commit.wait", "Time that a commit waits for the frames in flight");
    this.endToEnd = timer("end.to.end", "From a frame's arrival until its outcome is written");
    gauge(
        "atrous.frames.in.flight",
        "Frames taken and not yet written",
        progress,
        PartitionProgress::framesInFlight);
  }

  /** Makes meters that nobody reads. */
  public static FrameMetrics unread(LongSupplier nanoTime) {
    return new FrameMetrics(
        new CompositeMeterRegistry(), new ShedFrames(), nanoTime, FrameTracer.OFF);
  }

  private Kind frames(String outcome, String reason) {
    Counter frames =
        Counter.builder(FRAMES)
            .description(FRAMES_HELP)
            .tag("outcome", outcome)
            .tag("reason", reason)
            .register(registry);
    return new Kind(outcome, reason, frames);
  }

  private StageTimer stage(Stage stage, String description) {
    return new StageTimer(registry, stage, description);
  }

  private Timer timer(String name, String description) {
    return LatencyTimer.of(registry, "atrous." + name, description);
  }

  private <T> void gauge(String name, String description, T measured, ToDoubleFunction<T> value) {
    Gauge.builder(name, measured, value).description(description).register(registry);
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Returns where the service stands in its partitions. */
  public PartitionProgress progress() {
    return progress;
  }

  /** Shows the slots of the model that serves. */
  public void show(ModelSwitch models) {
    gauge(
        "atrous.slots.in.use",
        "Decoded frames that hold memory for the network",
        models,
        shown -> shown.current().slots().inUse());
    gauge(
        "atrous.slots",
        "Decoded frames for which there is memory",
        models,
        shown -> shown.current().slots().capacity());
  }

  /** Shows the bound of frames in flight. */
  void show(PaceLimit pace) {
    gauge(
        "atrous.pace.limit.frames",
        "Frames that the device answers within half of a drain",
        pace,
        PaceLimit::limit);
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** A frame has arrived. */
  FrameTrace begun(RecordMetadata place, Headers headers, long arrivedNanos) {
    return tracer.begin(place.topic(), place.partition(), place.offset(), headers, arrivedNanos);
  }

  void fetched(FrameTrace trace, long arrivedNanos, long fetchedNanos) {
    fetch.record(trace, arrivedNanos, fetchedNanos);
  }

  void decodedSince(long startNanos, FrameTrace trace) {
    decode.record(trace, startNanos, now());
  }

  void encodedSince(long startNanos, FrameTrace trace) {
    encode.record(trace, startNanos, now());
  }

  void commitWaitedSince(long startNanos) {
    record(commitWait, now() - startNanos);
  }

  void written(Outcome outcome, long arrivedNanos, FrameTrace trace) {
    long nowNanos = now();
    Kind kind = kindOf(outcome);
    kind.frames.increment();
    record(endToEnd, nowNanos - arrivedNanos);
    trace.isWritten(kind.outcome, kind.reason, nowNanos);
  }

  private Kind kindOf(Outcome outcome) {
    if (outcome.reason() != null) {
      return Objects.requireNonNull(deadLetters.get(outcome.reason()));
    }
    return outcome.emissions().isEmpty() ? dropped : masks;
  }

  private static void record(Timer timer, long nanos) {
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }
}
