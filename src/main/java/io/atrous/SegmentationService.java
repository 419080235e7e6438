package io.atrous;

import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.Segmenter;
import io.atrous.model.ModelSpec;
import io.atrous.settings.Denial;
import io.atrous.settings.KafkaClients;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.stream.EngineLatch;
import io.atrous.stream.ModelSwitch;
import io.atrous.stream.ShedFrames;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole service: frames in, masks and regions or dead letters out, from a configuration.
 *
 * <p>It takes no frames before the network is warm. {@link #close} drains: the frames in flight are
 * answered and committed; what was not taken stays for the next start. If the service can't go on
 * (the engine is broken, the registry is gone), it stops by itself without committing what it has
 * not answered, and {@link #awaitEnd} says so. If the device hangs, a commit's wait for it ends
 * after {@value KafkaKeys#DRAIN_TIMEOUT_MS}, and from then on nothing is waited for, answered or
 * committed: whoever runs the service should end the process ({@link ServiceRun}), since a thread
 * that is stuck in native code can't be ended otherwise.
 *
 * <p>It stops in this order, each step with its share of the {@link GracePeriod}: it is no longer
 * {@linkplain #isReady ready}; the streams drain and close; the workers end; the batcher answers
 * what is left to it; the engine is closed.
 *
 * <p><b>Threading:</b> thread-safe. Owns everything it starts.
 */
public final class SegmentationService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SegmentationService.class);

  /** How a service ended, and the exit code of a process that it was. */
  public enum End {
    /** As asked: everything taken is answered and committed, or left for the next start. */
    CLOSED(0),
    /**
     * The cluster has refused it before it took frames: a right is missing, or the group is not
     * its.
     */
    REFUSED(2),
    /** It could not go on; what was not answered is not committed. */
    GAVE_UP(3),
    /** A frame had no outcome in time; its thread may never come back from the device. */
    DEVICE_HUNG(4);

    private final int exitCode;

    End(int exitCode) {
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  private final ModelSwitch models;
  private final ModelReload reload;
  private final Duration shutdownTimeout;
  private final ServiceParts parts;
  private final KafkaStreams streams;
  private final GroupExit exit;
  private final EngineLatch latch;
  private final ServiceMetrics metrics;
  private final ServiceConfig config;
  private final GroupWatch group;
  private final Optional<Monitoring> monitoring;
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;
  private volatile boolean closing;

  /** Takes parts that are made; {@link ServiceStart} makes them. */
  SegmentationService(
      ServiceConfig config,
      ModelLoader loader,
      ModelSwitch models,
      GroupWatch group,
      ServiceParts parts,
      KafkaStreams streams,
      EngineLatch latch,
      ServiceMetrics metrics,
      Optional<Monitoring> monitoring) {
    this.config = config;
    this.models = models;
    this.group = group;
    this.shutdownTimeout = KafkaKeys.shutdownTimeout(config);
    this.parts = parts;
    this.streams = streams;
    this.exit = new GroupExit(streams, KafkaClients.of(config));
    this.latch = latch;
    this.metrics = metrics;
    this.monitoring = monitoring;
    this.reload = parts.own(new ModelReload(loader, models, metrics, this::goesOn));
  }

  /**
   * Starts the service and returns once it joins the consumer group.
   *
   * @throws StartException if the cluster, a topic, a right or the registry is missing, or the
   *     consumer group is another service's
   * @throws ConfigException if a setting is impossible for this model or machine
   * @throws io.atrous.model.ModelFileException if the model file is missing or damaged
   */
  public static SegmentationService start(ServiceConfig config) {
    return start(config, Engines.of(config));
  }

  /**
   * Starts the service on other engines, such as one that costs nothing or one that breaks. No
   * configuration leads here.
   */
  public static SegmentationService start(ServiceConfig config, EngineBackend engines) {
    ServiceParts parts = new ServiceParts();
    try {
      return ServiceStart.start(config, engines, parts);
    } catch (RuntimeException | Error e) {
      parts.close();
      throw e;
    }
  }

  /** What the service runs. */
  public ModelSpec model() {
    return models.current().spec();
  }

  /** How it runs, and where if on one device: the first lane's engine. */
  public EngineProfile engine() {
    return models.current().segmenter().profile();
  }

  /**
   * Reloads the model file soon, without losing a frame. If the file can't be served or is the same
   * as before, the model that serves goes on, and the log says so.
   */
  public void reloadModel() {
    reload.request();
  }

  /** The frames that it has shed since it started. */
  public ShedFrames.Counts shedFrames() {
    return metrics.shedFrames().counts();
  }

  /**
   * Waits until the service has partitions and takes frames, or has stopped.
   *
   * @return true if it takes frames
   */
  public boolean awaitRunning(Duration timeout) throws InterruptedException {
    return running.await(timeout.toMillis(), TimeUnit.MILLISECONDS) && stopped.getCount() > 0;
  }

  /** Returns the port of metrics and health; empty if they are not served. */
  public OptionalInt webPort() {
    return monitoring.stream().mapToInt(Monitoring::port).findFirst();
  }

  /** Returns whether it has had partitions once. */
  boolean hasRun() {
    return running.getCount() == 0;
  }

  /** Returns what Kafka Streams does now. */
  KafkaStreams.State streamsState() {
    return streams.state();
  }

  /**
   * Whether it takes frames: it has had partitions, neither stops nor fails, and shares its group
   * neither with strangers nor with instances of other topics that started later.
   */
  public boolean isReady() {
    return running.getCount() == 0
        && stopped.getCount() > 0
        && goesOn()
        && group.conflict().filter(GroupConflict::overrules).isEmpty();
  }

  /**
   * Says in a sentence who is in the consumer group that does not belong there, if anybody is and
   * stays: frames may have no outcome as long as they are.
   */
  public Optional<String> groupConflict() {
    return group.conflict().map(GroupConflict::sentence);
  }

  private boolean goesOn() {
    return !closing && failure == null && latch.failure().isEmpty();
  }

  /** Waits until the service has ended. */
  public End awaitEnd() throws InterruptedException {
    stopped.await();
    return end();
  }

  /** How it ended; while it runs, how it would if it were closed now. */
  public End end() {
    if (latch.failure().isPresent()) {
      return End.DEVICE_HUNG;
    }
    if (failure instanceof StartException) {
      return End.REFUSED;
    }
    return failure == null ? End.CLOSED : End.GAVE_UP;
  }

  /** Why the service could not go on, if it could not. */
  public Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /** Drains and stops, within the configured time; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (closing) {
      return;
    }
    closing = true;
    LOG.info("Stopping within {} ms", shutdownTimeout.toMillis());
    GracePeriod grace = new GracePeriod(shutdownTimeout, System::nanoTime);
    if (!exit.complete(grace.forDrain())) {
      LOG.warn(
          "The frames in flight were not answered within {} ms; the next start answers them",
          grace.forDrain().toMillis());
    }
    parts.closeWithin(grace);
    stopped.countDown();
    running.countDown();
  }

  /** Joins the consumer group; to be called once. */
  void join() {
    latch.whenFailed(
        cause -> {
          LOG.error("The device hangs; stopping without answering or committing anything", cause);
          failure = cause;
          stopped.countDown();
          running.countDown();
        });
    streams.setUncaughtExceptionHandler(
        cause -> {
          fail(cause);
          // Streams' own way to stop would keep the places in the group.
          exit.begin();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (state, before) -> {
          LOG.debug("{} after {}", state, before);
          if (state == KafkaStreams.State.RUNNING) {
            running.countDown();
          } else if (state.hasCompletedShutdown()) {
            // In this order: whoever waits for one looks at the other then.
            stopped.countDown();
            running.countDown();
          }
        });
    startOrClose(streams);
    group.start();
    monitoring.ifPresent(shown -> shown.watch(streams, config));
    Segmenter segmenter = models.current().segmenter();
    EngineProfile engine = segmenter.profile();
    LOG.info(
        "Serving {} {} on {} (lanes: {}) in {}, {} x {} pixels, batches of up to {}",
        model().name(),
        model().version(),
        segmenter.devices(),
        segmenter.lanes(),
        engine.precision(),
        engine.inputWidth(),
        engine.inputHeight(),
        engine.maxBatchSize());
  }

  /** Runs on a stream thread that ends. */
  private void fail(Throwable cause) {
    if (failure != null) {
      LOG.error("Another stream thread can't go on", cause);
      return;
    }
    failure = cause;
    boolean hasServed = running.getCount() == 0;
    Optional<StartException> refusal = refusal(cause);
    LOG.error(
        "A stream thread can't go on; stopping without committing its frames{}",
        refusal.map(reason -> ". " + reason.getMessage()).orElse(""),
        cause);
    if (!hasServed && refusal.isPresent()) {
      failure = refusal.get();
    }
  }

  /** The reason if the cluster refuses this service, as far as the cluster tells. */
  private Optional<StartException> refusal(Throwable failure) {
    Optional<StartException> denial = Denial.of(failure, config);
    // Strangers show in errors of many kinds, but always in Kafka's own.
    if (denial.isPresent()
        || !(failure.getCause() instanceof KafkaException cause)
        || cause instanceof RetriableException) {
      return denial;
    }
    try {
      return group.refusal().map(conflict -> new StartException(conflict.sentence(), failure));
    } catch (KafkaException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** A service that can't start must leave no threads behind. */
  static void startOrClose(KafkaStreams streams) {
    try {
      streams.start();
    } catch (RuntimeException | Error e) {
      streams.close();
      throw e;
    }
  }
}
