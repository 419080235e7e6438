package io.atrous.stream;

import static java.util.stream.Collectors.toSet;

import io.atrous.Await;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;

/** A running instance of the service around an engine that the test holds. */
final class ContractInstance implements AutoCloseable {

  /** What keeps the frames between submission and emission. */
  enum Design {
    WINDOW_AND_BARRIER,
    NAIVE_BUFFER
  }

  /** How an instance differs from the usual one. */
  record Options(
      Design design,
      int threads,
      Duration commitInterval,
      Duration drainTimeout,
      String groupProtocol,
      OutputTopics topics,
      KafkaClientSupplier clients) {

    static Options usual() {
      return of(new OutputTopics(Clock.systemUTC()));
    }

    /** As usual, with this knowledge of the output topics. */
    static Options of(OutputTopics topics) {
      return new Options(
          Design.WINDOW_AND_BARRIER,
          1,
          Duration.ofMillis(100),
          Duration.ofMinutes(2),
          "classic",
          topics,
          new OutcomeClients(topics.refused()));
    }

    Options design(Design other) {
      return new Options(
          other, threads, commitInterval, drainTimeout, groupProtocol, topics, clients);
    }

    Options threads(int number) {
      return new Options(
          design, number, commitInterval, drainTimeout, groupProtocol, topics, clients);
    }

    Options commitInterval(Duration interval) {
      return new Options(design, threads, interval, drainTimeout, groupProtocol, topics, clients);
    }

    Options drainTimeout(Duration timeout) {
      return new Options(design, threads, commitInterval, timeout, groupProtocol, topics, clients);
    }

    Options groupProtocol(String protocol) {
      return new Options(design, threads, commitInterval, drainTimeout, protocol, topics, clients);
    }

    Options clients(KafkaClientSupplier supplier) {
      return new Options(
          design, threads, commitInterval, drainTimeout, groupProtocol, topics, supplier);
    }
  }

  private final ContractEngine engine;
  private final AtomicInteger waits = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final KafkaStreams streams;

  private ContractInstance(ContractSetting setting, ContractEngine engine, Options options) {
    this.engine = engine;
    // A drain budget reads the clock only when a stream thread has to wait for the engine.
    LongSupplier clock =
        () -> {
          if (calledByDrainBudget()) {
            waits.incrementAndGet();
          }
          return System.nanoTime();
        };
    SegmentationTopology.Settings settings = setting.topology(options.drainTimeout);
    Topology topology =
        options.design == Design.NAIVE_BUFFER
            ? NaiveBuffer.topology(settings, engine)
            : SegmentationTopology.build(
                settings,
                engine,
                options.topics,
                new EngineLatch(),
                UUID.randomUUID().toString(),
                FrameMetrics.unread(clock));
    var properties = setting.streams(options.threads, options.commitInterval);
    properties.put("group.protocol", options.groupProtocol);
    if (options.groupProtocol.equals("streams")) {
      properties.remove("consumer.session.timeout.ms");
      properties.remove("consumer.heartbeat.interval.ms");
    }
    streams = new KafkaStreams(topology, properties, options.clients);
    streams.setUncaughtExceptionHandler(
        exception -> {
          failure.compareAndSet(null, exception);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
  }

  private static boolean calledByDrainBudget() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(f -> f.getClassName().equals(DrainBudget.class.getName())));
  }

  static ContractInstance start(ContractSetting setting, ContractEngine engine, Options options) {
    ContractInstance instance = new ContractInstance(setting, engine, options);
    instance.streams.start();
    return instance;
  }

  /** Whether a stream thread has had to wait for the engine. */
  boolean hasWaited() {
    return waits.get() > 0;
  }

  boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Whether every stream thread has a task: from now on none waits for another to join. */
  boolean isSpreadOut() {
    return isRunning()
        && streams.metadataForLocalThreads().stream()
            .noneMatch(thread -> thread.activeTasks().isEmpty());
  }

  /** The names of the stream threads that live. */
  Set<String> threads() {
    return streams.metadataForLocalThreads().stream()
        .map(ThreadMetadata::threadName)
        .collect(toSet());
  }

  /** The sum of a metric over the stream threads. */
  double threadMetric(String metric) {
    return streams.metrics().entrySet().stream()
        .filter(entry -> entry.getKey().group().equals("stream-thread-metrics"))
        .filter(entry -> entry.getKey().name().equals(metric))
        .mapToDouble(entry -> (double) entry.getValue().metricValue())
        .sum();
  }

  /** What made a stream thread die. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  void awaitDeath() {
    Await.until("dead", () -> streams.state() == KafkaStreams.State.ERROR);
  }

  /** Begins a clean end, which commits. */
  void beginClose() {
    new Thread(streams::close, "close").start();
  }

  /** Ends without another commit: what the engine holds fails. */
  void die() {
    engine.crash();
    streams.close();
  }

  /** Ends with a last commit, unless the engine holds a frame. */
  @Override
  public void close() {
    die();
  }
}
