package io.atrous.tracing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** Reads and writes the trace context of W3C in the headers of records. */
public final class TraceHeaders {

  /** The names of the headers, which are nobody else's to write. */
  public static final Set<String> NAMES = Set.of("traceparent", "tracestate");

  /** Longest tracestate that is passed on, by W3C's recommendation. */
  private static final int MAX_VALUE_BYTES = 512;

  private TraceHeaders() {}

  /** The context that a record continues; the root if its headers name none, or nonsense. */
  static Context context(Headers headers) {
    return W3CTraceContextPropagator.getInstance()
        .extract(Context.root(), headers, TraceHeaders::newest);
  }

  /** The headers that continue a span; none if it has no valid context. */
  static List<Header> of(Span span) {
    List<Header> headers = new ArrayList<>();
    W3CTraceContextPropagator.getInstance()
        .inject(
            Context.root().with(span),
            headers,
            (written, name, value) -> add(written, name, value));
    return List.copyOf(headers);
  }

  @SuppressWarnings("NullAway") // OpenTelemetry gives back the carrier that it was given.
  private static void add(@Nullable List<Header> headers, String name, String value) {
    headers.add(new RecordHeader(name, value.getBytes(US_ASCII)));
  }

  /** Returns the value that counts: of several headers with one name, the last. */
  private static @Nullable String newest(@Nullable Headers headers, String name) {
    Header header = headers == null ? null : headers.lastHeader(name);
    return header == null || header.value() == null || header.value().length > MAX_VALUE_BYTES
        ? null
        : new String(header.value(), US_ASCII);
  }
}
