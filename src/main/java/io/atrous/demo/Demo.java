package io.atrous.demo;

import io.atrous.SegmentationService;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.FrameSender;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import io.atrous.settings.WebKeys;
import io.atrous.web.ListenAddress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The main job, live, on one machine: a broker, a registry, cameras, the production service, and a
 * consumer that looks at what comes out.
 *
 * <p><b>Threading:</b> {@link #run} belongs to one thread; {@link #stop} may come from any.
 */
public final class Demo {

  private static final int MIN_PARTITIONS = 4;

  /** A second or two of work for two cores: so that a demo that is stopped drains in time. */
  private static final int MAX_UNANSWERED_FRAMES = 64;

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);
  private static final long TICK_MILLIS = 250;
  private static final String LOOPBACK = "127.0.0.1";

  private final DemoOptions options;
  private final Progress progress;
  private final Clock clock = Clock.systemUTC();
  private final CountDownLatch stopping = new CountDownLatch(1);

  /** Watches a demo. */
  public interface Progress {

    /** Something happened that happens once. */
    void step(String sentence);

    /** Receives the current figures, four times a second. */
    void tick(String line);
  }

  public Demo(DemoOptions options, Progress progress) {
    this.options = options;
    this.progress = progress;
  }

  /** Switches the cameras off; {@link #run} answers what they have sent and returns. */
  public void stop() {
    stopping.countDown();
  }

  /**
   * Runs the demo to its end.
   *
   * @throws StartException if the demo's world or the service can't start
   * @throws DemoFailedException if frames stay unanswered
   */
  public DemoReport run() throws IOException, InterruptedException {
    List<Camera> cameras = cameras();
    progress.step("Starting a Kafka broker and a schema registry on this machine");
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start()) {
      for (String topic :
          List.of(Topics.FRAMES, Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS)) {
        kafka.createTopic(topic, partitions());
      }
      if (stopping.getCount() == 0) {
        throw new DemoFailedException("Stopped before the first frame", null);
      }
      progress.step("Compiling the network and warming it");
      try (SegmentationService service = SegmentationService.start(config(kafka, registry))) {
        if (!service.awaitRunning(START_TIMEOUT)) {
          service.failure().ifPresent(e -> fail("The service stopped", e));
          throw new StartException("The service got no partitions within a minute");
        }
        progress.step(
            "%s %s on %s in %s; %d cameras at %s frames per second each"
                .formatted(
                    service.model().name(),
                    service.model().version(),
                    service.engine().device(),
                    service.engine().precision(),
                    cameras.size(),
                    number(options.framesPerSecond())));
        service
            .webPort()
            .ifPresent(
                port -> {
                  String address = "http://%s:%d/".formatted(LOOPBACK, port);
                  progress.step("Metrics are at " + address + "metrics");
                  progress.step("Watch the cameras at " + address);
                });
        GroundTruthCheck truth =
            new GroundTruthCheck(options.snapshots(), service.model().classes());
        try (OutcomeReader reader = reader(kafka, registry, truth)) {
          reader.start();
          return film(kafka, registry, service, cameras, reader, truth);
        }
      }
    }
  }

  private DemoReport film(
      EmbeddedKafka kafka,
      LoopbackSchemaRegistry registry,
      SegmentationService service,
      List<Camera> cameras,
      OutcomeReader reader,
      GroundTruthCheck truth)
      throws InterruptedException, IOException {
    try (CameraFleet fleet = fleet(kafka, registry, reader, truth)) {
      if (stopping.getCount() > 0) {
        fleet.start(cameras);
      }
      long lastOutcomes = -1;
      long lastChangeNanos = System.nanoTime();
      while (!(fleet.isDone() && reader.outcomes() == fleet.framesIn() && reader.hasAllRegions())) {
        if (stopping.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
          fleet.stop();
          TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
        }
        OutcomeReader.Seen seen = reader.seen();
        progress.tick(line(fleet, seen));
        checkAlive(service, fleet, reader);
        if (seen.outcomes() != lastOutcomes || fleet.framesIn() == seen.outcomes()) {
          lastOutcomes = seen.outcomes();
          lastChangeNanos = System.nanoTime();
        } else if (System.nanoTime() - lastChangeNanos > STALL_TIMEOUT.toNanos()) {
          throw new DemoFailedException(
              "%d of %d frames are unanswered and nothing has come for %d seconds"
                  .formatted(
                      fleet.framesIn() - seen.outcomes(),
                      fleet.framesIn(),
                      STALL_TIMEOUT.toSeconds()),
              null);
        }
      }
      checkAlive(service, fleet, reader);
      truth.finish();
      OutcomeReader.Seen seen = reader.seen();
      seen.deadLetterMessages().forEach(message -> progress.step("Dead letter: " + message));
      if (fleet.framesSkipped() > 0) {
        progress.step(
            "The cameras skipped %d frames because this machine could not keep up"
                .formatted(fleet.framesSkipped()));
      }
      return new DemoReport(
          fleet.framesIn(),
          seen.masks(),
          seen.regions(),
          seen.deadLetters(),
          seen.framesPerSecond(),
          seen.averageBatchSize(),
          seen.partitionsInWidestBatch(),
          seen.masks() == 0 ? null : latency(seen),
          truth.meanIoU(),
          options.guarantee().key(),
          service.model().name() + " " + service.model().version());
    }
  }

  private static void checkAlive(
      SegmentationService service, CameraFleet fleet, OutcomeReader reader) {
    service.failure().ifPresent(e -> fail("The service stopped", e));
    fleet.failure().ifPresent(e -> fail("A camera stopped", e));
    reader.failure().ifPresent(e -> fail("The consumer stopped", e));
  }

  static void fail(String what, Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    throw new DemoFailedException(what + ": " + root.getMessage(), cause);
  }

  private int partitions() {
    return Math.max(MIN_PARTITIONS, options.cameras());
  }

  private List<Camera> cameras() {
    if (options.images() != null) {
      return ImageFolderCamera.share(options.images(), options.cameras(), clock);
    }
    return SyntheticCamera.streets(options.cameras(), clock);
  }

  private ServiceConfig config(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) {
    Map<String, String> settings = new HashMap<>();
    settings.put(KafkaKeys.APPLICATION_ID, "atrous-demo");
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    settings.put(SchemaRegistryConfig.URL, registry.url().toString());
    settings.put(TopicKeys.FRAMES_TOPICS, Topics.FRAMES);
    settings.put(NetworkKeys.MODEL_FILE, options.modelFile());
    settings.put(KafkaKeys.PROCESSING_GUARANTEE, options.guarantee().key());
    settings.put(NetworkKeys.BATCH_QUEUE_DELAY_MS, "25");
    settings.put(WebKeys.LISTEN, new ListenAddress(LOOPBACK, options.webPort()).toString());
    settings.put(WebKeys.LIVE, "true");
    // Photographs may be larger than what producers send by default.
    settings.put(
        KafkaKeys.STREAMS_PREFIX + "producer." + ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
        String.valueOf(EmbeddedKafka.MESSAGE_MAX_BYTES));
    return ServiceConfig.of(settings);
  }

  private CameraFleet fleet(
      EmbeddedKafka kafka,
      LoopbackSchemaRegistry registry,
      OutcomeReader reader,
      GroundTruthCheck truth) {
    return new CameraFleet(
        new FrameSender(kafka.producer(), serde(FrameEvent.class, registry).serializer()),
        new CameraFleet.Settings(
            Topics.FRAMES,
            partitions(),
            options.framesPerSecond(),
            options.filming().secondsOrForever(),
            MAX_UNANSWERED_FRAMES),
        reader::outcomes,
        truth::sees);
  }

  private OutcomeReader reader(
      EmbeddedKafka kafka, LoopbackSchemaRegistry registry, GroundTruthCheck truth) {
    boolean exactlyOnce = options.guarantee() == ProcessingGuarantee.EXACTLY_ONCE_V2;
    Map<String, Object> consumer =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka.bootstrapServers(),
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            exactlyOnce ? "read_committed" : "read_uncommitted");
    return new OutcomeReader(
        new KafkaConsumer<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        serde(MaskEvent.class, registry).deserializer(),
        serde(RegionEvent.class, registry).deserializer(),
        serde(DeadLetterEvent.class, registry).deserializer(),
        truth::mask,
        truth::region,
        clock);
  }

  private static <T extends SpecificRecord> AvroEventSerde<T> serde(
      Class<T> type, LoopbackSchemaRegistry registry) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type);
    serde.configure(Map.of(SchemaRegistryConfig.URL, registry.url().toString()), false);
    return serde;
  }

  private static String line(CameraFleet fleet, OutcomeReader.Seen seen) {
    return String.format(
        Locale.ROOT,
        "%d frames in  %d masks out  %d regions  %.1f frames/s  batch %.1f  p50 %.0f ms  p99 %.0f ms",
        fleet.framesIn(),
        seen.masks(),
        seen.regions(),
        seen.framesPerSecond(),
        seen.averageBatchSize(),
        seen.latencyMicros().getValueAtPercentile(50) / 1e3,
        seen.latencyMicros().getValueAtPercentile(99) / 1e3);
  }

  private static DemoReport.LatencyMillis latency(OutcomeReader.Seen seen) {
    return new DemoReport.LatencyMillis(
        seen.latencyMicros().getValueAtPercentile(50) / 1e3,
        seen.latencyMicros().getValueAtPercentile(95) / 1e3,
        seen.latencyMicros().getValueAtPercentile(99) / 1e3);
  }

  static String number(double value) {
    return value == Math.rint(value)
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
