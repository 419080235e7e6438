package io.atrous.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows frames by OpenTelemetry: a span for each frame with a child for each stage, and a span
 * for each batch that is linked to its frames. Whether a frame's spans are kept is decided when it
 * begins, by the SDK's sampler; a batch is kept if one of its frames is ({@link LinkSampler}).
 *
 * <p>A stage's span is made when the stage has ended, so nothing is open that a hanging device
 * could leave open, but the frame's own.
 *
 * <p><b>Threading:</b> thread-safe. Owns the SDK, whose exporter has a thread of its own: nothing
 * here waits for it.
 */
public final class OpenTelemetryTracer implements FrameTracer {

  private static final Logger LOG = LoggerFactory.getLogger(OpenTelemetryTracer.class);

  private static final String SCOPE = "io.atrous";

  /** Longer would be felt at each stop while no collector answers. */
  private static final long FLUSH_SECONDS = 5;

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final LongSupplier nanoTime;
  private final Clock clock;

  /**
   * Starts to follow, as OpenTelemetry's own variables and system properties say.
   *
   * @param serviceName name of the service, unless those name it
   * @param nanoTime the clock of all times that the tracer is told
   * @param clock the clock of the spans' times
   * @throws IllegalArgumentException in a sentence, if one of their values is impossible
   */
  public static FrameTracer start(String serviceName, LongSupplier nanoTime, Clock clock) {
    return new OpenTelemetryTracer(TracingSdk.start(serviceName), nanoTime, clock);
  }

  /** Takes an SDK over. */
  OpenTelemetryTracer(OpenTelemetrySdk sdk, LongSupplier nanoTime, Clock clock) {
    this.sdk = sdk;
    this.tracer = sdk.getTracer(SCOPE);
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  @Override
  public FrameTrace begin(
      String topic, int partition, long offset, Headers headers, long arrivedNanos) {
    long epochNanos = epochNanos() - nanoTime.getAsLong();
    Span span =
        tracer
            .spanBuilder("process " + topic)
            .setParent(TraceHeaders.context(headers))
            .setSpanKind(SpanKind.CONSUMER)
            .setStartTimestamp(epochNanos + arrivedNanos, TimeUnit.NANOSECONDS)
            .setAttribute(TraceAttributes.SYSTEM, "kafka")
            .setAttribute(TraceAttributes.OPERATION_NAME, "process")
            .setAttribute(TraceAttributes.OPERATION_TYPE, "process")
            .setAttribute(TraceAttributes.TOPIC, topic)
            .setAttribute(TraceAttributes.PARTITION, String.valueOf(partition))
            .setAttribute(TraceAttributes.OFFSET, offset)
            .startSpan();
    return new TracedFrame(tracer, span, epochNanos, nanoTime);
  }

  /** The present time, to be counted on by the clock of the stages, which never jumps. */
  private long epochNanos() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  @Override
  public void ran(BatchRun batch, List<FrameTrace> frames) {
    List<TracedFrame> kept =
        frames.stream()
            .filter(TracedFrame.class::isInstance)
            .map(TracedFrame.class::cast)
            .filter(TracedFrame::isKept)
            .toList();
    if (kept.isEmpty()) {
      return;
    }
    long epochNanos = kept.get(0).epochNanos();
    SpanBuilder builder =
        tracer
            .spanBuilder("batch")
            .setParent(Context.root())
            .setStartTimestamp(epochNanos + batch.startNanos(), TimeUnit.NANOSECONDS)
            .setAttribute(TraceAttributes.BATCH, batch.id())
            .setAttribute(TraceAttributes.BATCH_FRAMES, (long) frames.size())
            .setAttribute(TraceAttributes.DEVICE, batch.device());
    kept.forEach(frame -> builder.addLink(frame.context()));
    Span span = builder.startSpan();
    Throwable failure = batch.failure();
    if (failure == null) {
      kept.forEach(frame -> frame.isInferred(batch, span.getSpanContext()));
    } else {
      span.setStatus(StatusCode.ERROR, String.valueOf(failure.getMessage()));
      span.setAttribute(TraceAttributes.ERROR, failure.getClass().getName());
    }
    span.end(epochNanos + batch.endNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    if (!sdk.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS).isSuccess()) {
      LOG.warn("The last spans could not be exported");
    }
  }
}
