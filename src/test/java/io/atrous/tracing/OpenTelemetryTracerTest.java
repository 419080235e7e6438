package io.atrous.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of frames, as an exporter gets it. */
final class OpenTelemetryTracerTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.000000006Z");

  /** The stages' clock stands so far ahead of all times that it is told. */
  private static final long NOW_NANOS = 1_000;

  private final InMemorySpanExporter exported = InMemorySpanExporter.create();
  private FrameTracer tracer = tracer(Sampler.parentBased(Sampler.alwaysOn()));

  @AfterEach
  void closeTracer() {
    tracer.close();
  }

  @Test
  void aFrameContinuesItsRecordsTraceAndItsStagesAreItsChildren() {
    FrameTrace frame = begin(parent("01"), 100);
    frame.isOf("camera-1");
    frame.isRead("frame-1");
    frame.ran(Stage.DECODE, 200, 300);
    frame.isWritten("mask", "", 900);

    SpanData decode = exported.getFinishedSpanItems().get(0);
    SpanData root = exported.getFinishedSpanItems().get(1);
    assertThat(root.getTraceId()).isEqualTo(TRACE);
    assertThat(root.getParentSpanId()).isEqualTo(PARENT);
    assertThat(root.getStartEpochNanos()).isEqualTo(epochNanos(100));
    assertThat(root.getEndEpochNanos()).isEqualTo(epochNanos(900));
    assertThat(root.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(root.getAttributes().asMap())
        .containsEntry(AttributeKey.stringKey("messaging.destination.name"), "frames")
        .containsEntry(AttributeKey.stringKey("messaging.destination.partition.id"), "3")
        .containsEntry(AttributeKey.longKey("kafka.offset"), 7L)
        .containsEntry(AttributeKey.stringKey("atrous.camera"), "camera-1")
        .containsEntry(AttributeKey.stringKey("atrous.frame"), "frame-1");
    assertThat(decode.getName()).isEqualTo("decode");
    assertThat(decode.getParentSpanId()).isEqualTo(root.getSpanId());
    assertThat(decode.getStartEpochNanos()).isEqualTo(epochNanos(200));
    assertThat(decode.getEndEpochNanos()).isEqualTo(epochNanos(300));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c8031\u00e9c-b7ad6b7169203331-01",
      })
  void aFrameWhoseParentCanNotBeReadBeginsATrace(String traceparent) {
    FrameTrace frame = begin(headers("traceparent", traceparent), 100);
    frame.isWritten("mask", "", 900);

    SpanData root = exported.getFinishedSpanItems().get(0);
    assertThat(root.getParentSpanContext().isValid()).isFalse();
    assertThat(value(frame, "traceparent"))
        .startsWith("00-" + root.getTraceId() + "-" + root.getSpanId());
    assertThat(frame.id()).isEqualTo(root.getTraceId());
  }

  @Test
  void aHeaderWithoutAValueIsNoParent() {
    begin(new RecordHeaders().add("traceparent", null), 100).isWritten("mask", "", 900);

    assertThat(exported.getFinishedSpanItems()).hasSize(1);
  }

  @Test
  void aTraceStateIsPassedOnUnlessItIsLong() {
    Headers headers = parent("01").add("tracestate", "vendor=1".getBytes(UTF_8));
    assertThat(value(begin(headers, 0), "tracestate")).isEqualTo("vendor=1");

    String member = "=" + "v".repeat(250);
    headers =
        parent("01")
            .add("tracestate", ("a" + member + ",b" + member + ",c" + member).getBytes(UTF_8));
    assertThat(value(begin(headers, 0), "tracestate")).isNull();
    assertThat(value(begin(headers, 0), "traceparent")).contains(TRACE);
  }

  @Test
  void whatIsNoMaskHasAStatusThatSaysWhy() {
    begin(parent("01"), 0).isWritten("dead_letter", "too_large", 900);
    begin(parent("01"), 0).isWritten("shed", "stale", 900);
    begin(parent("01"), 0).fails(new IllegalStateException("the engine is broken"));
    begin(parent("01"), 0).isGivenUp();

    assertThat(exported.getFinishedSpanItems())
        .allMatch(span -> span.getStatus().getStatusCode() == StatusCode.ERROR)
        .extracting(span -> span.getAttributes().get(AttributeKey.stringKey("error.type")))
        .containsExactly("too_large", "stale", IllegalStateException.class.getName(), "given_up");
    assertThat(exported.getFinishedSpanItems().get(2).getStatus().getDescription())
        .isEqualTo("the engine is broken");
  }

  @Test
  void onlyTheFirstEndCounts() {
    FrameTrace frame = begin(parent("01"), 0);
    frame.isWritten("mask", "", 900);
    frame.isGivenUp();

    assertThat(exported.getFinishedSpanItems()).hasSize(1);
    assertThat(exported.getFinishedSpanItems().get(0).getStatus().getStatusCode())
        .isEqualTo(StatusCode.UNSET);
  }

  @Test
  void aBatchIsLinkedToTheFramesThatAreKeptAndTheirInferenceToIt() {
    FrameTrace kept = begin(parent("01"), 0);
    FrameTrace dropped = begin(parent("00"), 0);
    FrameTrace keptToo = begin(new RecordHeaders(), 0);

    tracer.ran(
        new BatchRun(5, "cpu", 400, 500, null), List.of(kept, dropped, FrameTrace.NONE, keptToo));

    List<SpanData> spans = exported.getFinishedSpanItems();
    assertThat(spans)
        .extracting(SpanData::getName)
        .containsExactly("inference", "inference", "batch");
    SpanData batch = spans.get(2);
    assertThat(batch.getParentSpanContext().isValid()).isFalse();
    assertThat(batch.getLinks())
        .extracting(link -> link.getSpanContext().getTraceId())
        .containsExactly(TRACE, keptToo.id());
    assertThat(batch.getAttributes().get(AttributeKey.longKey("messaging.batch.message_count")))
        .isEqualTo(4);
    assertThat(batch.getStartEpochNanos()).isEqualTo(epochNanos(400));
    assertThat(batch.getEndEpochNanos()).isEqualTo(epochNanos(500));
    assertThat(spans.subList(0, 2))
        .allSatisfy(
            inference ->
                assertThat(inference.getLinks())
                    .extracting(LinkData::getSpanContext)
                    .containsExactly(batch.getSpanContext()));
  }

  @Test
  void aBatchOfFramesThatNobodyKeepsIsNotTold() {
    tracer.ran(new BatchRun(5, "cpu", 400, 500, null), List.of(begin(parent("00"), 0)));

    assertThat(exported.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void aBatchIsKeptWithItsFramesHoweverFewTracesAre() {
    tracer = tracer(new LinkSampler(Sampler.parentBased(Sampler.alwaysOff())));
    FrameTrace kept = begin(parent("01"), 0);
    FrameTrace dropped = begin(new RecordHeaders(), 0);

    tracer.ran(new BatchRun(5, "cpu", 400, 500, null), List.of(kept, dropped));
    tracer.ran(new BatchRun(6, "cpu", 500, 600, null), List.of(dropped));

    assertThat(exported.getFinishedSpanItems())
        .extracting(SpanData::getName)
        .containsExactly("inference", "batch");
    assertThat(value(dropped, "traceparent")).matches(".*-0[02]");
  }

  @Test
  void aBatchThatFailsSaysWhyAndItsFramesWereNotInferred() {
    FrameTrace frame = begin(parent("01"), 0);

    tracer.ran(
        new BatchRun(5, "cpu", 400, 500, new IllegalStateException("out of order")),
        List.of(frame));

    SpanData batch = exported.getFinishedSpanItems().get(0);
    assertThat(exported.getFinishedSpanItems()).hasSize(1);
    assertThat(batch.getStatus().getDescription()).isEqualTo("out of order");
    assertThat(batch.getLinks()).hasSize(1);
  }

  @Test
  void theLinksOfABatchAreBounded() {
    List<FrameTrace> frames =
        IntStream.range(0, 1_000).mapToObj(i -> begin(parent("01"), 0)).toList();

    tracer.ran(new BatchRun(5, "cpu", 400, 500, null), frames);

    SpanData batch = exported.getFinishedSpanItems().get(1_000);
    assertThat(batch.getLinks()).hasSize(128);
    assertThat(batch.getTotalRecordedLinks()).isEqualTo(1_000);
  }

  @Test
  @Timeout(30)
  void anExporterThatNeverAnswersNeitherHoldsUpFramesNorTheEndForLong() {
    SpanExporter silent =
        new SpanExporter() {
          @Override
          public CompletableResultCode export(Collection<SpanData> spans) {
            return new CompletableResultCode();
          }

          @Override
          public CompletableResultCode flush() {
            return new CompletableResultCode();
          }

          @Override
          public CompletableResultCode shutdown() {
            return new CompletableResultCode();
          }
        };
    FrameTracer stuck =
        tracer(
            SdkTracerProvider.builder()
                .addSpanProcessor(BatchSpanProcessor.builder(silent).build())
                .build());
    for (int i = 0; i < 10_000; i++) {
      stuck.begin("frames", 3, i, parent("01"), 0).isWritten("mask", "", 900);
    }

    stuck.close();
  }

  private FrameTracer tracer(Sampler sampler) {
    return tracer(
        SdkTracerProvider.builder()
            .setSampler(sampler)
            .addSpanProcessor(SimpleSpanProcessor.create(exported))
            .build());
  }

  private static FrameTracer tracer(SdkTracerProvider provider) {
    return new OpenTelemetryTracer(
        OpenTelemetrySdk.builder().setTracerProvider(provider).build(),
        () -> NOW_NANOS,
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private FrameTrace begin(Headers headers, long arrivedNanos) {
    return tracer.begin("frames", 3, 7, headers, arrivedNanos);
  }

  private static Headers parent(String flags) {
    return headers("traceparent", "00-" + TRACE + "-" + PARENT + "-" + flags);
  }

  private static Headers headers(String name, String value) {
    return new RecordHeaders().add(name, value.getBytes(UTF_8));
  }

  private static @Nullable String value(FrameTrace frame, String name) {
    return frame.headers().stream()
        .filter(header -> header.key().equals(name))
        .map(header -> new String(header.value(), UTF_8))
        .findFirst()
        .orElse(null);
  }

  private static long epochNanos(long nanos) {
    return TimeUnit.SECONDS.toNanos(NOW.getEpochSecond()) + NOW.getNano() + nanos - NOW_NANOS;
  }
}
