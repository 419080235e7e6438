package io.atrous.chaos;

import io.atrous.chaos.FloodReport.Latency;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import io.atrous.model.Model;
import io.atrous.process.TemporaryDirectory;
import io.atrous.settings.FrameKeys;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ShedAccounting;
import io.atrous.settings.TopicKeys;
import io.atrous.settings.WebKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Cameras that send more than an instance of the service can answer, for long, and what becomes of
 * its memory, its latency and their frames.
 *
 * <p><b>Threading:</b> {@link #run} belongs to one thread; {@link #stop} may come from any.
 */
public final class Flood {

  private static final String APPLICATION = "atrous-flood";
  private static final int BATCH = 4;

  /** A tenth of Kafka's own: an instance that makes its consumer wait longer is thrown out. */
  private static final int MAX_POLL_INTERVAL_MILLIS = 30_000;

  /**
   * More than the default: an engine that is slow because the machine is must not count as hung.
   */
  private static final int DRAIN_TIMEOUT_MILLIS = 20_000;

  private static final int START_PATIENCE_MILLIS = 120_000;
  private static final int LOOK_EVERY_MILLIS = 2_000;
  private static final int LOOKS_BETWEEN_LINES = 10;
  private static final long UNBOUNDED = Long.MAX_VALUE;

  private final FloodOptions options;
  private final Consumer<String> progress;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final MemoryWatch memory = new MemoryWatch();
  private long mostFramesBehind;

  /**
   * @param progress hears in a line what happens
   */
  public Flood(FloodOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  /** Gives up; {@link #run} ends everything and throws. */
  public void stop() {
    stopping.countDown();
  }

  /**
   * Runs to the end.
   *
   * @throws ChaosFailedException if the service ends or does not get through the frames, or {@link
   *     #stop}
   */
  public FloodReport run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("atrous-flood-");
    try {
      return run(directory);
    } finally {
      TemporaryDirectory.delete(directory);
    }
  }

  private FloodReport run(Path directory) throws IOException, InterruptedException {
    // Nothing may be deleted before it is read, however late that is.
    try (EmbeddedKafka kafka = EmbeddedKafka.start(1, Map.of("log.retention.bytes", "-1"));
        LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
        Group group = new Group(kafka.bootstrapServers(), APPLICATION, "classic")) {
      kafka.createTopic(Topics.FRAMES, options.partitions());
      for (String topic : List.of(Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS)) {
        kafka.createTopic(topic, 1);
      }
      String url = registry.url().toString();
      try (Downstream downstream = new Downstream(kafka.bootstrapServers(), url, true);
          CameraTraffic traffic =
              new CameraTraffic(
                  kafka.bootstrapServers(),
                  url,
                  new CameraTraffic.Settings(
                      options.cameras(),
                      options.film(),
                      options.partitions(),
                      options.framesPerSecond(),
                      0,
                      UNBOUNDED,
                      1),
                  downstream::distinctOutcomes)) {
        ServiceProcess instance =
            ServiceProcess.start(
                "flooded",
                settings(kafka.bootstrapServers(), url),
                new ServiceProcess.Capacity(options.heapMegabytes(), options.millisPerImage()),
                directory.resolve("instance"),
                options.log());
        try {
          return run(instance, group, downstream, traffic);
        } finally {
          instance.kill();
        }
      }
    }
  }

  private FloodReport run(
      ServiceProcess instance, Group group, Downstream downstream, CameraTraffic traffic)
      throws InterruptedException {
    downstream.start();
    await(
        instance,
        "the instance has partitions",
        START_PATIENCE_MILLIS,
        () -> !group.partitionsOf(instance).isEmpty());
    progress.accept(
        String.format(
            Locale.ROOT,
            "%d cameras begin to send %.1f frames per second; the engine answers %.1f",
            options.cameras(),
            options.framesPerSecond(),
            options.capacity()));
    long startNanos = System.nanoTime();
    long endNanos = startNanos + (long) (options.minutes() * TimeUnit.MINUTES.toNanos(1));
    traffic.start();
    for (int looks = 0; System.nanoTime() - endNanos < 0; looks++) {
      pause(instance, traffic, downstream, LOOK_EVERY_MILLIS);
      look(instance, group, traffic, downstream, looks % LOOKS_BETWEEN_LINES == 0);
    }
    traffic.finish();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    Map<Integer, Long> ends = traffic.ends();
    long patienceMillis =
        START_PATIENCE_MILLIS + (long) (3_000 * traffic.framesIn() / options.capacity());
    progress.accept("The cameras are off: waiting until every frame is committed");
    await(
        instance,
        "every frame is committed",
        patienceMillis,
        () -> {
          look(instance, group, traffic, downstream, false);
          return group.committed().equals(ends);
        });
    double secondsToDrain = (System.nanoTime() - startNanos) / 1e9 - seconds;
    long counted =
        instance
            .report()
            .orElseThrow(() -> new ChaosFailedException("The instance ended early", null))
            .shedFrames();
    instance.terminate();
    instance.awaitExit(START_PATIENCE_MILLIS);
    DownstreamReading read = downstream.readToEnd(group.ends(downstream.partitions(), true));
    return report(traffic, downstream, read, counted, seconds, secondsToDrain);
  }

  private Map<String, String> settings(String bootstrapServers, String registryUrl) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(KafkaKeys.APPLICATION_ID, APPLICATION);
    settings.put(WebKeys.LISTEN, WebKeys.NONE);
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, bootstrapServers);
    settings.put(SchemaRegistryConfig.URL, registryUrl);
    settings.put(TopicKeys.FRAMES_TOPICS, Topics.FRAMES);
    settings.put(NetworkKeys.MODEL_FILE, Model.SHIPPED);
    // The network must be faster than what its capacity is to be.
    settings.put(NetworkKeys.MODEL_INPUT_SIZE, "96x160");
    settings.put(NetworkKeys.PRECISION, "fp32");
    settings.put(NetworkKeys.BATCH_MAX_SIZE, String.valueOf(BATCH));
    settings.put(KafkaKeys.DRAIN_TIMEOUT_MS, String.valueOf(DRAIN_TIMEOUT_MILLIS));
    settings.put(
        KafkaKeys.STREAMS_PREFIX + "producer.transaction.timeout.ms",
        String.valueOf(MAX_POLL_INTERVAL_MILLIS));
    settings.put(
        KafkaKeys.STREAMS_PREFIX + "consumer.max.poll.interval.ms",
        String.valueOf(MAX_POLL_INTERVAL_MILLIS));
    Integer maxAgeMillis = options.maxAgeMillis();
    if (maxAgeMillis != null) {
      settings.put(FrameKeys.FRAMES_MAX_AGE_MS, maxAgeMillis.toString());
      settings.put(
          FrameKeys.FRAMES_SHED_ACCOUNTING, options.accounting().name().toLowerCase(Locale.ROOT));
    }
    return settings;
  }

  private void look(
      ServiceProcess instance,
      Group group,
      CameraTraffic traffic,
      Downstream downstream,
      boolean isLine)
      throws InterruptedException {
    memory.look(instance);
    long committed = group.committed().values().stream().mapToLong(Long::longValue).sum();
    long behind = traffic.framesIn() - committed;
    mostFramesBehind = Math.max(mostFramesBehind, behind);
    if (isLine) {
      progress.accept(
          String.format(
              Locale.ROOT,
              "%d frames in, %d with an outcome, %d behind; %s MB resident, %s MB of heap alive",
              traffic.framesIn(),
              downstream.distinctOutcomes(),
              behind,
              memory.residentMegabytes().get(2),
              memory.liveHeapMegabytes().get(2)));
    }
  }

  private FloodReport report(
      CameraTraffic traffic,
      Downstream downstream,
      DownstreamReading read,
      long counted,
      double seconds,
      double secondsToDrain) {
    Ledger sent = traffic.ledger();
    boolean counts =
        options.maxAgeMillis() != null && options.accounting() == ShedAccounting.COUNTER;
    List<Verdict> verdicts = new ArrayList<>();
    if (!counts) {
      verdicts.add(new EveryFrameHasOneOutcome().check(sent, read));
    }
    verdicts.add(
        (counts ? ShedFramesAreAccounted.byCount(counted) : ShedFramesAreAccounted.byDeadLetters())
            .check(sent, read));
    verdicts.add(new ExactlyOnce().check(sent, read));
    verdicts.add(new OrderKeptPerCamera().check(sent, read));
    verdicts.add(new NeighboursUnharmed().check(sent, read));
    return new FloodReport(
        options.cameras(),
        traffic.bytesPerFrame(),
        sent.size() / seconds,
        options.capacity(),
        options.heapMegabytes(),
        seconds,
        secondsToDrain,
        sent.size(),
        read.outcomes().stream().filter(SeenOutcome::isMask).count(),
        counted,
        mostFramesBehind,
        new Latency(
            downstream.latencyMillis().getValueAtPercentile(50),
            downstream.latencyMillis().getValueAtPercentile(99),
            downstream.latencyMillis().getMaxValue()),
        memory.residentMegabytes(),
        memory.liveHeapMegabytes(),
        verdicts.stream().filter(Verdict::kept).toList(),
        verdicts.stream().filter(verdict -> !verdict.kept()).toList());
  }

  private void await(
      ServiceProcess instance, String what, long patienceMillis, ChaosWorld.Condition condition)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    while (true) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (RetriableException e) {
        // The broker is busy.
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new ChaosFailedException(
            "Not within %d s: %s".formatted(patienceMillis / 1000, what), null);
      }
      pause(instance, LOOK_EVERY_MILLIS / 10);
    }
  }

  private void pause(
      ServiceProcess instance, CameraTraffic traffic, Downstream downstream, int millis)
      throws InterruptedException {
    pause(instance, millis);
    traffic
        .failure()
        .or(downstream::failure)
        .ifPresent(
            failure -> {
              throw new ChaosFailedException("The flood ended early: " + failure, failure);
            });
  }

  private void pause(ServiceProcess instance, int millis) throws InterruptedException {
    if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
      throw new ChaosFailedException("Stopped before the guarantees were checked", null);
    }
    if (!instance.isAlive()) {
      throw new ChaosFailedException(
          "The instance ended with exit code " + instance.exitCode(), null);
    }
  }
}
