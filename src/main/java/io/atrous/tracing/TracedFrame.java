package io.atrous.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a frame by OpenTelemetry: the frame's span, and what its children need.
 *
 * <p><b>Threading:</b> thread-safe, as a span is.
 */
final class TracedFrame implements FrameTrace {

  private static final String GIVEN_UP = "given_up";

  private final Tracer tracer;
  private final Span span;
  private final long epochNanos;
  private final LongSupplier nanoTime;
  private final List<Header> headers;

  /**
   * Takes the frame's span.
   *
   * @param epochNanos time since 1970 at which the stages' clock was at 0
   * @param nanoTime the stages' clock
   */
  TracedFrame(Tracer tracer, Span span, long epochNanos, LongSupplier nanoTime) {
    this.tracer = tracer;
    this.span = span;
    this.epochNanos = epochNanos;
    this.nanoTime = nanoTime;
    this.headers = TraceHeaders.of(span);
  }

  /** Returns whether the spans of this frame are exported. */
  boolean isKept() {
    return span.isRecording() && span.getSpanContext().isSampled();
  }

  SpanContext context() {
    return span.getSpanContext();
  }

  long epochNanos() {
    return epochNanos;
  }

  @Override
  public @Nullable String id() {
    return context().isValid() ? context().getTraceId() : null;
  }

  @Override
  public List<Header> headers() {
    return headers;
  }

  @Override
  public void isOf(String camera) {
    span.setAttribute(TraceAttributes.CAMERA, camera);
  }

  @Override
  public void isRead(String frameId) {
    span.setAttribute(TraceAttributes.FRAME, frameId);
  }

  @Override
  public void ran(Stage stage, long startNanos, long endNanos) {
    if (isKept()) {
      end(child(stage, startNanos).startSpan(), endNanos);
    }
  }

  /** Tells of the batch that the frame was in. */
  void isInferred(BatchRun batch, SpanContext batchSpan) {
    Span inference =
        child(Stage.INFERENCE, batch.startNanos())
            .addLink(batchSpan)
            .setAttribute(TraceAttributes.BATCH, batch.id())
            .setAttribute(TraceAttributes.DEVICE, batch.device())
            .startSpan();
    end(inference, batch.endNanos());
  }

  private SpanBuilder child(Stage stage, long startNanos) {
    return tracer
        .spanBuilder(stage.label())
        .setParent(Context.root().with(span))
        .setStartTimestamp(epochNanos + startNanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void isWritten(String outcome, String reason, long nowNanos) {
    span.setAttribute(TraceAttributes.OUTCOME, outcome);
    if (!reason.isEmpty()) {
      setError(reason, outcome + ": " + reason);
    }
    end(span, nowNanos);
  }

  @Override
  public void fails(Throwable failure) {
    setError(failure.getClass().getName(), String.valueOf(failure.getMessage()));
    end(span, nanoTime.getAsLong());
  }

  @Override
  public void isGivenUp() {
    setError(GIVEN_UP, "given up with its partition; it is read again");
    end(span, nanoTime.getAsLong());
  }

  private void setError(String type, String description) {
    span.setStatus(StatusCode.ERROR, description);
    span.setAttribute(TraceAttributes.ERROR, type);
  }

  private void end(Span ended, long nanos) {
    ended.end(epochNanos + nanos, TimeUnit.NANOSECONDS);
  }
}
