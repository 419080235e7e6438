package io.atrous.chaos;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import io.atrous.model.Model;
import io.atrous.process.TemporaryDirectory;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.TopicKeys;
import io.atrous.settings.WebKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * Brokers, a registry, cameras, instances of the service and a consumer: what faults act upon.
 *
 * <p><b>Threading:</b> confined to one thread. Owns all it starts, and its directory.
 */
final class ChaosWorld implements AutoCloseable {

  /** A frame this old at the time of a kill has been in the service's hands. */
  static final int IN_FLIGHT_MILLIS = 100;

  private static final String APPLICATION = "atrous-chaos";

  /** Whose disk can be full, if any's can. */
  static final int BROKER_ON_DISK = 0;

  private static final String ONE_TOPIC_MORE = "more-frames";
  private static final int PARTITIONS = 6;
  private static final int CAMERAS = 8;
  private static final double FRAMES_PER_SECOND = 24;
  private static final double POISON_SHARE = 0.03;
  private static final int MAX_UNANSWERED_FRAMES = 400;

  /** Beyond what a member's silence and an open transaction can take together. */
  private static final int PATIENCE_MILLIS = 120_000;

  private static final int LOOK_EVERY_MILLIS = 50;
  private static final int AMBUSH_MILLIS = 2_000;

  /** Something to wait for. */
  interface Condition {
    boolean holds() throws InterruptedException;
  }

  private final ChaosOptions options;
  private final CountDownLatch stopping;
  private final Random random;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Path directory;
  private final @Nullable SmallDisk disk;
  private final EmbeddedKafka kafka;
  private final LoopbackSchemaRegistry registry;
  private final Group group;
  private final Downstream downstream;
  private final CameraTraffic traffic;
  private final Map<String, String> settings;
  private final Fleet fleet;
  private int kills;
  private int killsWithFramesInFlight;

  private ChaosWorld(ChaosOptions options, CountDownLatch stopping) throws IOException {
    this.options = options;
    this.stopping = stopping;
    this.random = new Random(options.seed());
    directory = Files.createTempDirectory("atrous-chaos-");
    parts.push(() -> TemporaryDirectory.delete(directory));
    boolean built = false;
    try {
      disk = options.smallDisk() ? own(SmallDisk.mount(directory.resolve("disk"))) : null;
      kafka =
          own(
              EmbeddedKafka.start(
                  options.brokers(),
                  options.timeouts().broker(),
                  disk == null ? Map.of() : Map.of(BROKER_ON_DISK, disk.path())));
      registry = own(LoopbackSchemaRegistry.start());
      for (String topic :
          List.of(
              Topics.FRAMES, ONE_TOPIC_MORE, Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS)) {
        kafka.createTopic(topic, PARTITIONS);
      }
      String url = registry.url().toString();
      group = own(new Group(kafka.bootstrapServers(), APPLICATION, options.groupProtocol()));
      boolean exactlyOnce = options.guarantee() == ProcessingGuarantee.EXACTLY_ONCE_V2;
      downstream = own(new Downstream(kafka.bootstrapServers(), url, exactlyOnce));
      traffic =
          own(
              new CameraTraffic(
                  kafka.bootstrapServers(),
                  url,
                  new CameraTraffic.Settings(
                      CAMERAS,
                      FloodOptions.Film.SMALL,
                      PARTITIONS,
                      FRAMES_PER_SECOND,
                      POISON_SHARE,
                      MAX_UNANSWERED_FRAMES,
                      options.seed()),
                  downstream::distinctOutcomes));
      settings = settings();
      fleet = own(new Fleet((slot, run) -> launch("instance-" + slot, run, settings)));
      built = true;
    } finally {
      if (!built) {
        close();
      }
    }
  }

  /**
   * Starts everything but the faults.
   *
   * @param stopping ends all waiting with a {@link ChaosFailedException} when it reaches 0
   */
  static ChaosWorld start(ChaosOptions options, CountDownLatch stopping)
      throws IOException, InterruptedException {
    ChaosWorld world = new ChaosWorld(options, stopping);
    boolean started = false;
    try {
      world.downstream.start();
      for (int i = 0; i < options.instances(); i++) {
        world.fleet.add();
      }
      world.traffic.start();
      world.awaitWork();
      started = true;
      return world;
    } finally {
      if (!started) {
        world.close();
      }
    }
  }

  private <P extends AutoCloseable> P own(P part) {
    parts.push(part);
    return part;
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(KafkaKeys.APPLICATION_ID, APPLICATION);
    settings.put(WebKeys.LISTEN, "127.0.0.1:0");
    settings.put(KafkaKeys.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    settings.put(SchemaRegistryConfig.URL, registry.url().toString());
    settings.put(TopicKeys.FRAMES_TOPICS, Topics.FRAMES);
    settings.put(NetworkKeys.MODEL_FILE, Model.SHIPPED);
    settings.put(KafkaKeys.PROCESSING_GUARANTEE, options.guarantee().key());
    // A small input and one precision: an instance that starts sooner is killed more often.
    settings.put(NetworkKeys.MODEL_INPUT_SIZE, "96x160");
    settings.put(NetworkKeys.PRECISION, "fp32");
    settings.put(NetworkKeys.BATCH_MAX_SIZE, "4");
    if (options.groupProtocol().equals("streams")) {
      settings.put(KafkaKeys.STREAMS_PREFIX + "group.protocol", "streams");
    }
    settings.putAll(options.timeouts().service(options.groupProtocol()));
    return settings;
  }

  private ServiceProcess launch(String place, int run, Map<String, String> given)
      throws IOException {
    Path logs = options.logs();
    return ServiceProcess.start(
        place + "-" + run,
        given,
        ServiceProcess.Capacity.USUAL,
        directory.resolve(place),
        logs == null ? null : logs.resolve(place + ".log"));
  }

  /** Launches an instance that reads one more topic; the caller ends it. */
  ServiceProcess launchWithOneTopicMore() throws IOException {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(TopicKeys.FRAMES_TOPICS, Topics.FRAMES + "," + ONE_TOPIC_MORE);
    return launch("other-topics", 0, more);
  }

  ChaosOptions options() {
    return options;
  }

  /** The source of all that is drawn. */
  Random random() {
    return random;
  }

  EmbeddedKafka kafka() {
    return kafka;
  }

  /** The disk of a broker. */
  SmallDisk disk() {
    if (disk == null) {
      throw new ChaosFailedException("No broker's disk is one that can be full", null);
    }
    return disk;
  }

  LoopbackSchemaRegistry registry() {
    return registry;
  }

  Group group() {
    return group;
  }

  CameraTraffic traffic() {
    return traffic;
  }

  Downstream downstream() {
    return downstream;
  }

  Fleet fleet() {
    return fleet;
  }

  int kills() {
    return kills;
  }

  int killsWithFramesInFlight() {
    return killsWithFramesInFlight;
  }

  ServiceProcess anyInstance() {
    List<ServiceProcess> instances = fleet.instances();
    return instances.get(random.nextInt(instances.size()));
  }

  /**
   * Waits, not for long, for a moment at which frames of an instance's partitions are in flight.
   */
  void awaitFramesInFlight(ServiceProcess instance) throws InterruptedException {
    Set<Integer> partitions = group.partitionsOf(instance);
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(AMBUSH_MILLIS);
    while (System.nanoTime() - deadlineNanos < 0
        && traffic.uncommitted(partitions, group.committed(), oldEnough(System.nanoTime())) == 0) {
      pause(1);
    }
  }

  /** When a frame must have been acknowledged to be in flight at that time. */
  private static long oldEnough(long nanos) {
    return nanos - TimeUnit.MILLISECONDS.toNanos(IN_FLIGHT_MILLIS);
  }

  /** Kills an instance and looks whether frames of its partitions were in flight. */
  void kill(ServiceProcess instance) throws InterruptedException {
    Set<Integer> partitions = group.partitionsOf(instance);
    long killNanos = System.nanoTime();
    boolean wasAlive = instance.isAlive();
    instance.kill();
    if (!wasAlive) {
      return;
    }
    kills++;
    // Nothing of this instance can be committed any more, nor yet of a successor.
    long inFlight = traffic.uncommitted(partitions, group.committed(), oldEnough(killNanos));
    if (inFlight > 0) {
      killsWithFramesInFlight++;
    }
  }

  /** Waits until every instance has partitions and the group makes progress. */
  void awaitWork() throws InterruptedException {
    await(
        "every instance has partitions",
        () -> {
          for (ServiceProcess instance : fleet.instances()) {
            if (!instance.isAlive() || group.partitionsOf(instance).isEmpty()) {
              return false;
            }
          }
          return true;
        });
    Map<Integer, Long> before = group.committed();
    await("the instances commit", () -> isFurther(group.committed(), before));
  }

  /** Returns whether all partitions are further; each has cameras. */
  private static boolean isFurther(Map<Integer, Long> committed, Map<Integer, Long> before) {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      if (committed.getOrDefault(partition, 0L) <= before.getOrDefault(partition, 0L)) {
        return false;
      }
    }
    return true;
  }

  /** Switches the cameras off, waits until every frame is committed, and reads what came out. */
  DownstreamReading comeToRest() throws InterruptedException {
    traffic.finish();
    Map<Integer, Long> ends = traffic.ends();
    await(
        "every frame is committed",
        () -> {
          Map<Integer, Long> committed = group.committed();
          return ends.entrySet().stream()
              .allMatch(end -> committed.getOrDefault(end.getKey(), 0L) >= end.getValue());
        });
    List<TopicPartition> outputs = downstream.partitions();
    await(
        "no transaction is open",
        () -> group.ends(outputs, true).equals(group.ends(outputs, false)));
    return downstream.readToEnd(group.ends(outputs, true));
  }

  void await(String what, Condition condition) throws InterruptedException {
    await(what, PATIENCE_MILLIS, condition);
  }

  /**
   * Waits for a condition; a broker that does not answer has not fulfilled it.
   *
   * @throws ChaosFailedException if it comes to nothing
   */
  void await(String what, int patienceMillis, Condition condition) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    while (!holds(condition)) {
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new ChaosFailedException(
            "Not within %d s: %s; instances ended with exit codes %s"
                .formatted(patienceMillis / 1000, what, fleet.exits()),
            null);
      }
      pause(LOOK_EVERY_MILLIS);
    }
  }

  private static boolean holds(Condition condition) throws InterruptedException {
    try {
      return condition.holds();
    } catch (RetriableException e) {
      return false;
    }
  }

  /** Lets some time pass. */
  void pause(int millis) throws InterruptedException {
    if (stopping.await(millis, TimeUnit.MILLISECONDS)) {
      throw new ChaosFailedException("Stopped before the guarantees were checked", null);
    }
    check("The cameras can't send", traffic.failure().orElse(null));
    check("The consumer can't read on", downstream.failure().orElse(null));
  }

  private static void check(String what, @Nullable Exception failure) {
    if (failure != null) {
      throw new ChaosFailedException(what + ": " + failure, failure);
    }
  }

  /** Ends everything, the last started first, and deletes the directory. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    AutoCloseable part;
    while ((part = parts.poll()) != null) {
      try {
        part.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IOException("Could not close " + part, e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
