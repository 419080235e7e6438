package io.atrous;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.embedded.SharedKafka;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.ScriptedBackend;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import io.atrous.settings.ServiceConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a running service shows over HTTP, on a real broker; and docs/metrics.md, which lists it:
 * with {@code -Datrous.render=true} the page is written instead of compared.
 */
@ExtendWith(SharedKafka.class)
@Timeout(180)
@Execution(ExecutionMode.CONCURRENT)
@Tag("slow")
final class MetricsPageTest {

  private static final int SIDE = 8;
  private static final int PARTITIONS = 2;
  private static final List<String> TOPICS =
      List.of("shown-frames", "shown-masks", "shown-regions", "shown-dead-letters");
  private static final Path PAGE = Path.of("docs", "metrics.md");
  private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.*)");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=\"");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static final CountDownLatch RELEASE_ENGINE = new CountDownLatch(1);
  private static LoopbackSchemaRegistry registry;
  private static EmbeddedKafka kafka;

  @BeforeAll
  static void begin(EmbeddedKafka shared) throws Exception {
    kafka = shared;
    registry = LoopbackSchemaRegistry.start();
    for (String topic : TOPICS) {
      kafka.createTopic(topic, PARTITIONS);
    }
  }

  @AfterAll
  static void end() {
    registry.close();
  }

  private static SegmentationService start(CountDownLatch engineMayAnswer) {
    Map<String, String> settings = new HashMap<>();
    settings.put("application.id", "shown");
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("schema.registry.url", registry.url().toString());
    settings.put("frames.topics", TOPICS.get(0));
    settings.put("masks.topic", TOPICS.get(1));
    settings.put("regions.topic", TOPICS.get(2));
    settings.put("dead.letters.topic", TOPICS.get(3));
    settings.put("drain.timeout.ms", "60000");
    settings.put("shutdown.timeout.ms", "90000");
    settings.put("streams.producer.transaction.timeout.ms", "120000");
    settings.put("model.file", Model.SHIPPED);
    settings.put("inference.device", "cpu");
    settings.put("web.listen", "127.0.0.1:0");
    return SegmentationService.start(
        ServiceConfig.of(settings),
        new ScriptedBackend(0, (model, engine) -> engine(engine.maxBatchSize(), engineMayAnswer)));
  }

  private static SegmentationEngine engine(int maxBatchSize, CountDownLatch mayAnswer) {
    return new SegmentationEngine() {
      @Override
      public EngineProfile profile() {
        return new EngineProfile("cpu", "fp32", SIDE, SIDE, maxBatchSize);
      }

      @Override
      public List<EngineMask> segment(List<ByteBuffer> images) {
        boolean isFrame = images.get(0).get(0) == FRAME_VALUE;
        if (isFrame) {
          awaitUninterrupted(mayAnswer);
        }
        return images.stream().map(image -> new EngineMask(new byte[SIDE * SIDE], null)).toList();
      }

      @Override
      public void close() {}
    };
  }

  /** Tells frames from the canary and the warm-up. */
  private static final byte FRAME_VALUE = 77;

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        // As native code does, it goes on.
      }
    }
  }

  private static void send(int frames) throws Exception {
    byte[] pixels = new byte[SIDE * SIDE];
    Arrays.fill(pixels, FRAME_VALUE);
    try (AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class);
        KafkaProducer<byte[], byte[]> producer = kafka.producer()) {
      serde.configure(Map.of("schema.registry.url", registry.url().toString()), false);
      serde.prepare(TOPICS.get(0));
      for (int i = 0; i < frames; i++) {
        FrameEvent frame =
            FrameEvent.newBuilder()
                .setFrameId("frame-" + i)
                .setCameraId("camera")
                .setSequence(i)
                .setCapturedAt(Instant.EPOCH)
                .setEncoding(FrameEncoding.GRAY8)
                .setWidth(SIDE)
                .setHeight(SIDE)
                .setPayload(ByteBuffer.wrap(pixels))
                .build();
        producer
            .send(
                new ProducerRecord<>(
                    TOPICS.get(0),
                    i % PARTITIONS,
                    null,
                    serde.serializer().serialize(TOPICS.get(0), frame)))
            .get();
      }
      // Not Avro at all: a dead letter.
      producer.send(new ProducerRecord<>(TOPICS.get(0), 0, null, new byte[] {1, 2, 3})).get();
    }
  }

  private static HttpResponse<String> get(SegmentationService service, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + service.webPort().orElseThrow() + path);
    return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private static String metrics(SegmentationService service) {
    try {
      return get(service, "/metrics").body();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The value of a sample; NaN if there is none. */
  private static double value(String exposition, String sample) {
    return exposition
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static String lag(int partition) {
    return "atrous_lag_seconds{partition=\"%d\",topic=\"%s\"}".formatted(partition, TOPICS.get(0));
  }

  private static Set<String> families(String exposition) {
    return exposition
        .lines()
        .map(TYPE::matcher)
        .filter(Matcher::matches)
        .map(type -> type.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Kafka knows no mean of what has not happened lately. */
  private static Set<String> withoutKafkas(Set<String> families) {
    return families.stream()
        .filter(family -> !family.startsWith("kafka_"))
        .collect(Collectors.toSet());
  }

  @Test
  void showsWhatTheServiceDoesThroughAHangAndARebalance() throws Exception {
    try (SegmentationService service = start(RELEASE_ENGINE)) {
      assertThat(service.awaitRunning(Duration.ofSeconds(60))).isTrue();
      assertThat(get(service, "/health/started").statusCode()).isEqualTo(200);
      assertThat(get(service, "/health/ready").body())
          .matches(
              "\\{\"status\":\"UP\",\"parts\":\\{\"model\":\"warm\","
                  + "\"streams\":\"(running|rebalancing)\",\"service\":\"ready\"}}\n");

      // The device hangs: the lag rises although no stream thread moves.
      send(8);
      Await.until(
          "both partitions lag",
          () -> value(metrics(service), lag(0)) > 0 && value(metrics(service), lag(1)) > 0);
      double before = value(metrics(service), lag(1));
      Await.until("the lag rises", () -> value(metrics(service), lag(1)) > before);
      assertThat(value(metrics(service), "atrous_frames_in_flight")).isPositive();
      RELEASE_ENGINE.countDown();

      String mask = "atrous_frames_total{outcome=\"mask\",reason=\"\"}";
      Await.until("eight masks", () -> value(metrics(service), mask) == 8);
      Await.until(
          "a dead letter",
          () ->
              value(
                      metrics(service),
                      "atrous_frames_total{outcome=\"dead_letter\",reason=\"undecodable_record\"}")
                  == 1);
      Await.until(
          "nothing lags",
          () -> value(metrics(service), lag(0)) == 0 && value(metrics(service), lag(1)) == 0);
      assertThat(value(metrics(service), "atrous_end_to_end_seconds_count")).isEqualTo(9);
      assertThat(value(metrics(service), "atrous_frames_in_flight")).isZero();
      Await.until(
          "Kafka's metrics",
          () -> families(metrics(service)).contains("kafka_stream_thread_commit_rate"));
      Await.until(
          "the device's memory",
          () -> families(metrics(service)).contains("atrous_device_memory_used_bytes"));
      assertThat(value(metrics(service), "atrous_ready")).isEqualTo(1);
      Set<String> shown = families(metrics(service));

      // Another instance comes and goes: partitions move, and nothing may be lost by it.
      try (SegmentationService other = start(new CountDownLatch(0))) {
        assertThat(other.awaitRunning(Duration.ofSeconds(60))).isTrue();
        Await.until(
            "one partition is left",
            () ->
                metrics(service).lines().filter(l -> l.startsWith("atrous_lag_seconds{")).count()
                    == 1);
        assertThat(get(service, "/health/ready").statusCode()).isEqualTo(200);
      }
      Await.until(
          "both partitions are back",
          () ->
              metrics(service).lines().filter(l -> l.startsWith("atrous_lag_seconds{")).count()
                  == 2);
      String after = metrics(service);
      assertThat(families(after)).containsAll(withoutKafkas(shown));
      assertThat(after.lines().filter(line -> line.endsWith(" NaN"))).isEmpty();

      checkPage(after);
    }
  }

  private static void checkPage(String exposition) throws Exception {
    String page = page(exposition);
    if (Boolean.getBoolean("atrous.render")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE))
        .as("docs/metrics.md; render it with -Datrous.render=true")
        .isEqualTo(page);
  }

  private static String page(String exposition) {
    Map<String, String> help = new TreeMap<>();
    Map<String, String> types = new HashMap<>();
    Map<String, Set<String>> labels = new HashMap<>();
    for (String line : exposition.lines().toList()) {
      Matcher described = HELP.matcher(line);
      Matcher typed = TYPE.matcher(line);
      if (described.matches()) {
        help.put(described.group(1), described.group(2));
      } else if (typed.matches()) {
        types.put(typed.group(1), typed.group(2));
      } else if (line.contains("{")) {
        String name = line.substring(0, line.indexOf('{'));
        String family =
            help.containsKey(name) ? name : name.replaceFirst("_(bucket|count|sum|max)$", "");
        Set<String> keys = labels.computeIfAbsent(family, any -> new TreeSet<>());
        LABEL.matcher(line).results().map(found -> found.group(1)).forEach(keys::add);
        keys.remove("le");
      }
    }
    StringBuilder page = new StringBuilder(INTRODUCTION);
    section(page, "Atrous", "atrous_", help, types, labels);
    Map<String, String> kafkas = KafkaStreamsMetrics.descriptions();
    assertThat(kafkas.keySet())
        .containsAll(help.keySet().stream().filter(name -> name.startsWith("kafka_")).toList());
    kafkas.keySet().forEach(name -> types.put(name, "gauge"));
    kafkas.keySet().forEach(name -> labels.put(name, Set.of("thread")));
    section(page, "Kafka Streams and its clients", "kafka_", kafkas, types, labels);
    return page.append(CLOSING).toString();
  }

  private static final String INTRODUCTION =
      """
      # Metrics

      `GET /metrics` at `web.listen` ([configuration](configuration.md)) gives these in Prometheus' text format, or in OpenMetrics' if the
      scraper asks for it. To see them on one machine: `bin/atrous demo --metrics 9404`. This page is rendered from what a running service shows,
      and a test compares it (`MetricsPageTest`).

      Counters end in `_total`, times are in seconds. A histogram has `_bucket`, `_count` and `_sum`, and beside it a gauge `_max` of the last
      two minutes, which is not listed. Labels have few values: a camera is none of them.

      """;

  private static final String CLOSING =
      """
      ## The process

      Micrometer's meters of the JVM and the process: `jvm_memory_*`, `jvm_buffer_*`, `jvm_gc_*`, `jvm_threads_*`, `jvm_info`,
      `process_cpu_usage`, `process_cpu_time_ns_total`, `process_files_*`, `process_uptime_seconds`, `process_start_time_seconds`, `system_*`.

      ## What to look at

      - **How far behind**: `max(atrous_lag_seconds)`. It rises while the device hangs or no broker answers, since it is no stream thread that
        measures it.
      - **How full batches are**: `rate(atrous_batch_frames_sum[5m]) / rate(atrous_batch_frames_count[5m])`; and why they left:
        `rate(atrous_batches_total[5m])`.
      - **How busy the device is**: `rate(atrous_device_busy_seconds_total[5m])`, 1 for a device that always has a batch.
      - **Where the time goes**: the 0.99 quantiles of `atrous_fetch_seconds`, `atrous_decode_seconds`, `atrous_queue_seconds`,
        `atrous_inference_seconds`, `atrous_encode_seconds` and `atrous_commit_wait_seconds`, against `atrous_end_to_end_seconds`.
      - **What was not segmented**: `rate(atrous_frames_total{outcome!="mask"}[5m])`, by `reason`.
      """;

  private static void section(
      StringBuilder page,
      String title,
      String prefix,
      Map<String, String> help,
      Map<String, String> types,
      Map<String, Set<String>> labels) {
    page.append("## ").append(title).append("\n\n");
    page.append("| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n");
    help.forEach(
        (name, meaning) -> {
          if (name.startsWith(prefix) && !name.endsWith("_max")) {
            String keys =
                labels.getOrDefault(name, new TreeSet<>()).stream()
                    .map(key -> "`" + key + "`")
                    .collect(Collectors.joining(", "));
            page.append(
                "| `%s` | %s | %s | %s |\n".formatted(name, types.get(name), keys, meaning));
          }
        });
    page.append('\n');
  }
}
