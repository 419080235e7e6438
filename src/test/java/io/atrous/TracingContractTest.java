package io.atrous;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.model.Model;
import io.atrous.tracing.OtlpReceiver;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Traces of frames through the whole service, on a real broker and as a collector gets them. */
@ExtendWith(SharedKafka.class)
@Timeout(120)
@Tag("slow")
final class TracingContractTest {

  private static final String ENDPOINT = "otel.exporter.otlp.endpoint";
  private static final String PROTOCOL = "otel.exporter.otlp.protocol";
  private static final String FIRST_TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SECOND_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "b7ad6b7169203331";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Map<String, String> TRACED =
      Map.of("tracing.enabled", "true", "web.listen", "none");

  private final EmbeddedKafka kafka;
  private OtlpReceiver collector;

  TracingContractTest(EmbeddedKafka kafka) {
    this.kafka = kafka;
  }

  @BeforeEach
  void startCollector() throws Exception {
    collector = OtlpReceiver.start();
    System.setProperty(ENDPOINT, collector.endpoint());
  }

  @AfterEach
  void stopCollector() {
    System.clearProperty(ENDPOINT);
    System.clearProperty(PROTOCOL);
    collector.close();
  }

  @Test
  void aBatchOfTwoPartitionsIsLinkedToFramesThatContinueTheirTraces() throws Exception {
    try (ServiceEnvironment world = new ServiceEnvironment(kafka, "traced", 2)) {
      send(world, 0, frame(world), traceparent(FIRST_TRACE, "01"), header("tracestate", "v=1"));
      send(world, 1, frame(world), traceparent(SECOND_TRACE, "01"));
      Map<String, String> settings = new HashMap<>(TRACED);
      settings.put("batch.max.size", "2");
      settings.put("batch.queue.delay.ms", "10000");
      settings.put("commit.interval.ms", "2000");
      List<ConsumerRecord<byte[], byte[]>> masks;
      try (SegmentationService service = start(world, settings)) {
        assertThat(service.awaitRunning(START_TIMEOUT)).isTrue();
        masks = read(world, world.masks(), 2);
      }

      Span first = frameOf(FIRST_TRACE);
      Span second = frameOf(SECOND_TRACE);
      for (Span frame : List.of(first, second)) {
        assertThat(frame.getName()).isEqualTo("process traced-frames");
        assertThat(frame.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CONSUMER);
        assertThat(hex(frame.getParentSpanId())).isEqualTo(PARENT);
        assertThat(frame.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
        assertThat(attribute(frame, "atrous.outcome")).isEqualTo("mask");
        assertThat(attribute(frame, "atrous.frame")).isEqualTo("frame-1");
        assertThat(childrenOf(frame))
            .extracting(Span::getName)
            .containsExactlyInAnyOrder("decode", "queue", "inference", "encode");
        assertThat(childrenOf(frame))
            .allMatch(child -> child.getStartTimeUnixNano() >= frame.getStartTimeUnixNano())
            .allMatch(child -> child.getEndTimeUnixNano() <= frame.getEndTimeUnixNano());
      }
      assertThat(attribute(first, "messaging.destination.partition.id")).isEqualTo("0");
      assertThat(attribute(second, "messaging.destination.partition.id")).isEqualTo("1");
      List<Span> batches = named("batch");
      assertThat(batches).hasSize(1);
      assertThat(batches.get(0).getLinksList())
          .extracting(link -> hex(link.getSpanId()))
          .containsExactlyInAnyOrder(hex(first.getSpanId()), hex(second.getSpanId()));
      assertThat(batches.get(0).getParentSpanId()).isEmpty();
      for (Span inference : named("inference")) {
        assertThat(inference.getLinksList())
            .extracting(Span.Link::getSpanId)
            .containsExactly(batches.get(0).getSpanId());
      }
      assertThat(masks)
          .extracting(mask -> headers(mask, "traceparent"))
          .containsExactlyInAnyOrder(
              List.of(traceparent(FIRST_TRACE, hex(first.getSpanId()), "01")),
              List.of(traceparent(SECOND_TRACE, hex(second.getSpanId()), "01")));
      assertThat(masks)
          .extracting(mask -> headers(mask, "tracestate"))
          .containsExactlyInAnyOrder(List.of("v=1"), List.of());
      assertThat(collector.resources()).allMatch(who -> who.toString().contains("\"traced\""));
    }
  }

  @Test
  void aDeadLetterOfARecordWithSeveralOrUnreadableParentsIsInOneTraceThatSaysWhy()
      throws Exception {
    try (ServiceEnvironment world = new ServiceEnvironment(kafka, "traced-badly", 1)) {
      send(world, 0, new byte[] {1}, header("traceparent", "00-\u0000-nonsense-é"));
      send(
          world,
          0,
          new byte[] {2},
          traceparent(FIRST_TRACE, "01"),
          traceparent(SECOND_TRACE, "01"));
      List<ConsumerRecord<byte[], byte[]>> letters;
      try (SegmentationService service = start(world, TRACED)) {
        assertThat(service.awaitRunning(START_TIMEOUT)).isTrue();
        letters = read(world, world.deadLetters(), 2);
      }

      List<Span> frames = named("process traced-badly-frames");
      assertThat(frames)
          .hasSize(2)
          .allMatch(frame -> frame.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR)
          .allMatch(frame -> attribute(frame, "error.type").equals("undecodable_record"))
          .allMatch(frame -> attribute(frame, "atrous.outcome").equals("dead_letter"));
      assertThat(frames.get(0).getParentSpanId()).isEmpty();
      assertThat(hex(frames.get(1).getTraceId())).isEqualTo(SECOND_TRACE);
      for (int i = 0; i < 2; i++) {
        Span frame = frames.get(i);
        assertThat(headers(letters.get(i), "traceparent"))
            .singleElement()
            .asString()
            .startsWith("00-" + hex(frame.getTraceId()) + "-" + hex(frame.getSpanId()));
      }
    }
  }

  @Test
  void aFrameWhoseParentIsNotSampledIsPassedOnAndNotExported() throws Exception {
    try (ServiceEnvironment world = new ServiceEnvironment(kafka, "unsampled", 1)) {
      send(world, 0, frame(world), traceparent(FIRST_TRACE, "00"));
      List<ConsumerRecord<byte[], byte[]>> masks;
      try (SegmentationService service = start(world, TRACED)) {
        assertThat(service.awaitRunning(START_TIMEOUT)).isTrue();
        masks = read(world, world.masks(), 1);
      }

      assertThat(headers(masks.get(0), "traceparent"))
          .singleElement()
          .asString()
          .startsWith("00-" + FIRST_TRACE + "-")
          .endsWith("-00");
      assertThat(collector.spans()).isEmpty();
    }
  }

  @Test
  void withoutTracingNothingIsExportedOrWrittenAndHeadersAreCopiedIfAskedFor() throws Exception {
    try (ServiceEnvironment world = new ServiceEnvironment(kafka, "untraced", 1)) {
      send(
          world,
          0,
          frame(world),
          traceparent(FIRST_TRACE, "01"),
          header("site", "north"),
          header("site", "gate-7"),
          header("other", "x"));
      List<ConsumerRecord<byte[], byte[]>> masks;
      try (SegmentationService service =
          start(world, Map.of("web.listen", "none", "outcome.headers.copied", "site, absent"))) {
        assertThat(service.awaitRunning(START_TIMEOUT)).isTrue();
        masks = read(world, world.masks(), 1);
      }

      assertThat(masks.get(0).headers()).hasSize(2);
      assertThat(headers(masks.get(0), "site")).containsExactly("north", "gate-7");
      assertThat(collector.spans()).isEmpty();
    }
  }

  @Test
  void aCollectorThatIsGoneHurtsNoFrameAndNoStop() throws Exception {
    collector.close();
    try (ServiceEnvironment world = new ServiceEnvironment(kafka, "uncollected", 1)) {
      send(world, 0, frame(world), traceparent(FIRST_TRACE, "01"));
      SegmentationService service = start(world, TRACED);
      try (service) {
        assertThat(read(world, world.masks(), 1)).hasSize(1);
      }

      assertThat(service.awaitEnd()).isEqualTo(SegmentationService.End.CLOSED);
    }
  }

  @Test
  void anImpossibleSettingOfOpenTelemetryIsRefusedInASentence() {
    System.setProperty(PROTOCOL, "carrier-pigeon");
    try (ServiceEnvironment world = new ServiceEnvironment(kafka, "misconfigured", 1)) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> start(world, TRACED))
          .withMessageContainingAll("'tracing.enabled'", "carrier-pigeon");
    }
  }

  private static SegmentationService start(ServiceEnvironment world, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("model.file", Model.SHIPPED);
    return NetworklessService.start(world.config(all).originalsStrings());
  }

  private static byte[] frame(ServiceEnvironment world) {
    return world.serialize(
        FrameEvent.newBuilder()
            .setFrameId("frame-1")
            .setCameraId("camera-1")
            .setSequence(1)
            .setCapturedAt(Instant.EPOCH)
            .setEncoding(FrameEncoding.GRAY8)
            .setWidth(8)
            .setHeight(8)
            .setAttributes(Map.of())
            .setPayload(ByteBuffer.allocate(64))
            .build());
  }

  private static void send(ServiceEnvironment world, int partition, byte[] value, Header... headers)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = world.producer()) {
      producer
          .send(
              new ProducerRecord<>(
                  world.frames(), partition, (byte[]) null, value, List.of(headers)))
          .get();
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      ServiceEnvironment world, String topic, int count) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = world.consumer(topic)) {
      while (records.size() < count) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  private Span frameOf(String traceId) {
    List<Span> found =
        collector.spans().stream()
            .filter(span -> span.getName().startsWith("process "))
            .filter(span -> hex(span.getTraceId()).equals(traceId))
            .toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private List<Span> childrenOf(Span frame) {
    return collector.spans().stream()
        .filter(span -> span.getTraceId().equals(frame.getTraceId()))
        .filter(span -> span.getParentSpanId().equals(frame.getSpanId()))
        .toList();
  }

  private List<Span> named(String name) {
    return collector.spans().stream().filter(span -> span.getName().equals(name)).toList();
  }

  private static String attribute(Span span, String key) {
    return span.getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals(key))
        .map(attribute -> attribute.getValue().getStringValue())
        .findFirst()
        .orElse("");
  }

  private static List<String> headers(ConsumerRecord<byte[], byte[]> record, String name) {
    Stream<Header> headers =
        StreamSupport.stream(record.headers().headers(name).spliterator(), false);
    return headers.map(header -> new String(header.value(), UTF_8)).toList();
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(UTF_8));
  }

  private static Header traceparent(String traceId, String flags) {
    return header("traceparent", traceparent(traceId, PARENT, flags));
  }

  private static String traceparent(String traceId, String spanId, String flags) {
    return "00-" + traceId + "-" + spanId + "-" + flags;
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
