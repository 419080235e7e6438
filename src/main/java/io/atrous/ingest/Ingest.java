package io.atrous.ingest;

import io.atrous.embedded.FrameSender;
import io.atrous.event.EventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.SchemaRegistryException;
import io.atrous.payload.PayloadWriter;
import io.atrous.settings.CameraPolicy;
import io.atrous.settings.CameraSettings;
import io.atrous.settings.ClaimCheckKeys;
import io.atrous.settings.ClientSettings;
import io.atrous.settings.Cluster;
import io.atrous.settings.IngestConfig;
import io.atrous.settings.IngestKeys;
import io.atrous.settings.RegistryKeys;
import io.atrous.settings.Right;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import io.atrous.settings.Values;
import io.atrous.settings.WebKeys;
import io.atrous.web.Metrics;
import io.atrous.web.WebServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Cameras that are taken in: their pictures become frames on the topic that a service reads.
 *
 * <p><b>Threading:</b> thread-safe. Owns the cameras' threads and programs, the producer, the
 * watchdog and the server of metrics and health.
 */
public final class Ingest implements AutoCloseable {

  /** While Kafka is away, frames that were taken wait for it: newer ones are dropped instead. */
  private static final int DELIVERY_TIMEOUT_MS = Integer.MAX_VALUE;

  private static final int MAX_BLOCK_MS = 5_000;
  private static final long STOP_SECONDS = 5;
  private static final int LOOKS_PER_STALL = 4;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<IngestedCamera> cameras = new ArrayList<>();
  private final CompletableFuture<Void> stopping = new CompletableFuture<>();
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "watchdog");
            thread.setDaemon(true);
            return thread;
          });
  private final EventSerdes serdes;
  private final FrameSender sender;
  private final @Nullable LargeFrames largeFrames;
  private @Nullable WebServer web;

  /**
   * What came of it.
   *
   * @param framesSent the frames that Kafka has
   * @param framesDropped the pictures that did not become frames
   */
  public record Report(long framesSent, long framesDropped) {}

  private Ingest(EventSerdes serdes, FrameSender sender, @Nullable LargeFrames largeFrames) {
    this.serdes = serdes;
    this.sender = sender;
    this.largeFrames = largeFrames;
  }

  /**
   * Starts to take in cameras.
   *
   * @param clock says when pictures arrive
   * @param nanoTime measures how long none did
   * @throws org.apache.kafka.common.config.ConfigException in one sentence, if a setting can't be
   *     used
   * @throws StartException in one sentence, if ffmpeg, the cluster, the topic or the registry can't
   *     be used
   */
  public static Ingest start(IngestConfig config, Clock clock, LongSupplier nanoTime)
      throws InterruptedException {
    Ffmpeg ffmpeg = Ffmpeg.find(config.getString(IngestKeys.FFMPEG));
    String topic = TopicKeys.camerasTopic(config);
    Cluster.requireTopics(
        config, List.of(Right.toTopic(AclOperation.WRITE, topic, TopicKeys.FRAMES_TOPICS)));
    EventSerdes serdes = RegistryKeys.serdes(config);
    Ingest ingest;
    try {
      LargeFrames largeFrames = largeFrames(config);
      ingest = new Ingest(serdes, sender(config, topic, serdes), largeFrames);
    } catch (RuntimeException e) {
      serdes.close();
      throw e;
    }
    try {
      ingest.start(config, topic, ffmpeg, clock, nanoTime);
      return ingest;
    } catch (RuntimeException e) {
      ingest.close();
      throw e;
    }
  }

  private static FrameSender sender(IngestConfig config, String topic, EventSerdes serdes) {
    EventSerde<FrameEvent> serde = serdes.serde(FrameEvent.class);
    try {
      serde.prepare(topic);
    } catch (SchemaRegistryException e) {
      throw new StartException(e);
    }
    Map<String, Object> settings = ClientSettings.producer(config);
    settings.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS);
    settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
    return new FrameSender(
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()),
        serde.serializer());
  }

  private static @Nullable LargeFrames largeFrames(IngestConfig config) {
    return IngestKeys.referencesPrefix(config)
        .map(
            prefix ->
                Values.checked(
                    IngestKeys.REFERENCES_PREFIX,
                    () -> PayloadWriter.open(prefix, ClaimCheckKeys.payloads(config))))
        .map(writer -> new LargeFrames(writer, config.getInt(IngestKeys.REFERENCES_ABOVE_BYTES)))
        .orElse(null);
  }

  private void start(
      IngestConfig config, String topic, Ffmpeg ffmpeg, Clock clock, LongSupplier nanoTime) {
    CameraPolicy policy = IngestKeys.policy(config);
    for (CameraSettings camera : config.cameras()) {
      IngestMetrics metrics = new IngestMetrics(registry, camera.name(), nanoTime);
      NewestPictures pictures = new NewestPictures(policy.bufferFrames());
      cameras.add(
          new IngestedCamera(
              camera.name(),
              new CameraReader(camera, policy, ffmpeg, pictures, metrics, clock, nanoTime),
              new CameraSender(camera.name(), topic, sender, largeFrames, pictures, metrics),
              pictures,
              metrics));
    }
    web =
        WebKeys.serve(config, Metrics.of(registry), new IngestHealth(cameras), Optional.empty())
            .orElse(null);
    cameras.forEach(IngestedCamera::start);
    long lookMillis = Math.max(1, policy.stall().toMillis() / LOOKS_PER_STALL);
    var unused =
        watchdog.scheduleAtFixedRate(
            () -> cameras.forEach(IngestedCamera::checkStall),
            lookMillis,
            lookMillis,
            TimeUnit.MILLISECONDS);
  }

  /** The port of metrics and health, if they are served. */
  public OptionalInt webPort() {
    return web == null ? OptionalInt.empty() : OptionalInt.of(web.port());
  }

  /** Returns once all cameras are over, or {@link #stop} is called; what was read is sent then. */
  public Report await() throws InterruptedException {
    CompletableFuture<Void> allOver = allOver();
    try {
      var unused = CompletableFuture.anyOf(allOver, stopping).get();
      cameras.forEach(IngestedCamera::stop);
      allOver.get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      cameras.forEach(IngestedCamera::giveUp);
    }
    return report();
  }

  /** Returns what came of it until now. */
  public Report report() {
    return new Report(
        cameras.stream().mapToLong(camera -> camera.metrics().framesSent()).sum(),
        cameras.stream().mapToLong(camera -> camera.metrics().framesDropped()).sum());
  }

  private CompletableFuture<Void> allOver() {
    return CompletableFuture.allOf(
        cameras.stream().map(IngestedCamera::over).toArray(CompletableFuture[]::new));
  }

  /** Has {@link #await} return soon. */
  public void stop() {
    stopping.complete(null);
  }

  @Override
  public void close() {
    stop();
    watchdog.shutdownNow();
    for (IngestedCamera camera : cameras) {
      camera.stop();
      camera.giveUp();
    }
    if (web != null) {
      web.close();
    }
    sender.close();
    serdes.close();
    if (largeFrames != null) {
      largeFrames.close();
    }
    registry.close();
  }
}
