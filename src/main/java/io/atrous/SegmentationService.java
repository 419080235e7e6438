package io.atrous;

import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.SchemaRegistryException;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.Segmenter;
import io.atrous.inference.torch.TorchScriptBackend;
import io.atrous.model.Model;
import io.atrous.model.ModelSpec;
import io.atrous.payload.PayloadFetcher;
import io.atrous.settings.ClaimCheckKeys;
import io.atrous.settings.Cluster;
import io.atrous.settings.Denial;
import io.atrous.settings.FrameKeys;
import io.atrous.settings.KafkaClients;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.RegistryKeys;
import io.atrous.settings.ReloadTrigger;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.StreamsProperties;
import io.atrous.settings.TopicKeys;
import io.atrous.settings.Values;
import io.atrous.settings.WebKeys;
import io.atrous.stream.EngineLatch;
import io.atrous.stream.EventOutputs;
import io.atrous.stream.FrameMetrics;
import io.atrous.stream.FramePipeline;
import io.atrous.stream.ModelSwitch;
import io.atrous.stream.OutcomeClients;
import io.atrous.stream.OutputTopics;
import io.atrous.stream.SegmentationTopology;
import io.atrous.stream.ServedModel;
import io.atrous.stream.ShedFrames;
import io.atrous.web.ListenAddress;
import io.atrous.web.Metrics;
import io.atrous.web.WebServer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
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

  /** The engines that a service runs, unless a bench or a fault asks for others. */
  public static final EngineBackend TORCH_SCRIPT = new TorchScriptBackend(System::nanoTime);

  private static final Logger LOG = LoggerFactory.getLogger(SegmentationService.class);

  private static final Duration SHED_FRAMES_LOG_INTERVAL = Duration.ofMinutes(1);
  private static final Duration MODEL_WATCH_INTERVAL = Duration.ofSeconds(5);
  private static final Duration METRICS_INTERVAL = Duration.ofSeconds(5);

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
  private final Deque<AutoCloseable> parts;
  private final KafkaStreams streams;
  private final EngineLatch latch;
  private final ServiceMetrics metrics;
  private final ServiceConfig config;
  private final GroupWatch group;
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private @Nullable WebServer web;
  private volatile @Nullable Throwable failure;
  private volatile boolean closing;

  private SegmentationService(
      ServiceConfig config,
      ModelLoader loader,
      ModelSwitch models,
      GroupWatch group,
      Deque<AutoCloseable> parts,
      KafkaStreams streams,
      EngineLatch latch,
      ServiceMetrics metrics) {
    this.config = config;
    this.models = models;
    this.group = group;
    this.shutdownTimeout = KafkaKeys.shutdownTimeout(config);
    this.parts = parts;
    this.streams = streams;
    this.latch = latch;
    this.metrics = metrics;
    this.reload = own(parts, new ModelReload(loader, models, metrics, this::goesOn));
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
    return start(config, TORCH_SCRIPT);
  }

  /**
   * Starts the service on other engines, such as one that costs nothing or one that breaks. No
   * configuration leads here.
   */
  public static SegmentationService start(ServiceConfig config, EngineBackend engines) {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(config, engines, parts);
    } catch (RuntimeException | Error e) {
      parts.forEach(SegmentationService::close);
      throw e;
    }
  }

  private static SegmentationService start(
      ServiceConfig config, EngineBackend engines, Deque<AutoCloseable> parts) {
    // Before the model is opened, so that no change is missed.
    FileWatch watch = new FileWatch(config.getString(NetworkKeys.MODEL_FILE));
    ServiceMetrics metrics = own(parts, new ServiceMetrics());
    ServiceHealth health = new ServiceHealth();
    WebServer web = show(config, metrics, health, parts);
    ModelLoader loader = new ModelLoader(config, engines, metrics.inference());
    Model file = loader.open();
    ClusterCheck.run(config);
    String runId = UUID.randomUUID().toString().substring(0, 8);
    MemberName name = MemberName.of(config, runId, System.currentTimeMillis());
    GroupWatch group = own(parts, new GroupWatch(config, new GroupJudge(config, name)));
    awaitJoinable(config, group);
    OutputTopics topics = new OutputTopics(Clock.systemUTC());
    OutputTopicLimits limits = new OutputTopicLimits(config, topics);
    limits.readFirst();

    EventSerdes serdes = own(parts, RegistryKeys.serdes(config));
    EventOutputs outputs = outputs(config, serdes, topics);
    ModelSwitch models = own(parts, new ModelSwitch(loader.load(file)));
    PayloadFetcher payloads = own(parts, payloads(config));
    own(parts, ShedFramesLog.start(metrics.shedFrames(), SHED_FRAMES_LOG_INTERVAL));
    FramePipeline pipeline =
        own(parts, pipeline(config, models, serdes, payloads, outputs, metrics));
    pipeline.warm();
    ServedModel model = models.current();
    Segmenter segmenter = model.segmenter();
    LOG.info(
        "{}",
        MemoryBound.of(config, model.slotMemoryBytes(), segmenter.profile(), segmenter.lanes()));

    EngineLatch latch = new EngineLatch();
    SegmentationService service =
        new SegmentationService(
            config,
            loader,
            models,
            group,
            parts,
            new KafkaStreams(
                topology(config, pipeline, topics, latch, runId, metrics.frames()),
                StreamsProperties.of(config, name.clientId()),
                new OutcomeClients(topics.refused())),
            latch,
            metrics);
    metrics.show(models);
    metrics.showConflict(() -> group.conflict().isPresent());
    health.isOf(service);
    service.join();
    group.start();
    own(parts, Periodic.start("output-topics", OutputTopicLimits.INTERVAL, limits));
    if (web != null) {
      service.web = web;
      service.watchKafka();
    }
    if (NetworkKeys.reload(config) == ReloadTrigger.WATCH) {
      own(parts, Periodic.start("model-watch", MODEL_WATCH_INTERVAL, service.reloadIf(watch)));
    }
    return service;
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
    return web == null ? OptionalInt.empty() : OptionalInt.of(web.port());
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
    if (!streams.close(grace.forDrain())) {
      LOG.warn(
          "The frames in flight were not answered within {} ms; the next start answers them",
          grace.forDrain().toMillis());
    }
    // Last started, first closed.
    @Nullable AutoCloseable part;
    while ((part = parts.poll()) != null) {
      close(part, grace.forNextOf(parts.size() + 1));
    }
    stopped.countDown();
    running.countDown();
  }

  /** A device that hangs must not keep the process: whoever stops it would have to kill it. */
  private static void close(AutoCloseable part, Duration limit) {
    Thread closer = new Thread(() -> close(part), "closer");
    closer.setDaemon(true);
    closer.start();
    try {
      closer.join(limit.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (closer.isAlive()) {
      LOG.warn("{} did not close in time; leaving it behind", part.getClass().getSimpleName());
    }
  }

  private void join() {
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

  private static void awaitJoinable(ServiceConfig config, GroupWatch group) {
    try {
      group.awaitJoinable(KafkaClients.of(config).session());
    } catch (KafkaException e) {
      throw Cluster.failure(config, e);
    } catch (InterruptedException e) {
      throw Cluster.interrupted(e);
    }
  }

  private Runnable reloadIf(FileWatch changed) {
    return () -> {
      if (changed.hasChanged()) {
        reloadModel();
      }
    };
  }

  /** Serves metrics and health, if that is configured. */
  private static @Nullable WebServer show(
      ServiceConfig config,
      ServiceMetrics metrics,
      ServiceHealth health,
      Deque<AutoCloseable> parts) {
    ListenAddress address = WebKeys.listen(config).orElse(null);
    if (address == null) {
      return null;
    }
    try {
      WebServer web = own(parts, WebServer.start(address, Metrics.of(metrics.registry()), health));
      LOG.info(
          "Metrics and health are at http://{}/metrics and /health/ready",
          new ListenAddress(address.host(), web.port()));
      return web;
    } catch (IOException e) {
      String sentence =
          "Metrics and health can't be served at '%s' = %s (%s)"
              .formatted(WebKeys.LISTEN, address, e.getMessage());
      if (WebKeys.isChosen(config)) {
        throw new StartException(sentence + "; choose another address, or none", e);
      }
      LOG.warn("{}; going on without", sentence);
      return null;
    }
  }

  /** Measures lags, and publishes Kafka's own metrics, again and again. */
  private void watchKafka() {
    LagMonitor lag =
        own(
            parts,
            new LagMonitor(
                LagMonitor.consumer(config),
                this::committedOffsets,
                metrics.frames().progress(),
                metrics.registry(),
                System::currentTimeMillis));
    KafkaStreamsMetrics kafka = new KafkaStreamsMetrics(streams, metrics.registry());
    own(
        parts,
        Periodic.start(
            "metrics",
            METRICS_INTERVAL,
            () -> {
              lag.look();
              kafka.refresh();
            }));
  }

  /** The partitions that it has, with the offsets that it has committed; -1 if none. */
  private Map<TopicPartition, Long> committedOffsets() {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
      for (TaskMetadata task : thread.activeTasks()) {
        offsets.putAll(task.committedOffsets());
      }
    }
    return offsets;
  }

  private static FramePipeline pipeline(
      ServiceConfig config,
      ModelSwitch models,
      EventSerdes serdes,
      PayloadFetcher payloads,
      EventOutputs outputs,
      ServiceMetrics metrics) {
    return new FramePipeline(
        models,
        serdes.serde(FrameEvent.class).deserializer(),
        payloads,
        FrameKeys.limits(config),
        FrameKeys.orientationPolicy(config),
        outputs,
        FrameKeys.shedding(config),
        FrameKeys.weights(config),
        metrics.shedFrames(),
        FrameKeys.workers(config),
        Clock.systemUTC(),
        metrics.frames());
  }

  private static Topology topology(
      ServiceConfig config,
      FramePipeline pipeline,
      OutputTopics topics,
      EngineLatch latch,
      String runId,
      FrameMetrics metrics) {
    return SegmentationTopology.build(
        TopicKeys.topology(config), pipeline, topics, latch, runId, metrics);
  }

  private static PayloadFetcher payloads(ServiceConfig config) {
    return Values.checked(
        ClaimCheckKeys.ALLOWED_PREFIXES,
        () ->
            new PayloadFetcher(
                ClaimCheckKeys.payloads(config),
                ClaimCheckKeys.ALLOWED_PREFIXES,
                System::nanoTime));
  }

  private static EventOutputs outputs(
      ServiceConfig config, EventSerdes serdes, OutputTopics topics) {
    try {
      return EventOutputs.prepare(
          config.getString(TopicKeys.MASKS_TOPIC),
          config.getString(TopicKeys.REGIONS_TOPIC),
          config.getString(TopicKeys.DEAD_LETTERS_TOPIC),
          serdes,
          topics);
    } catch (SchemaRegistryException e) {
      throw new StartException(e);
    }
  }

  private static <P extends AutoCloseable> P own(Deque<AutoCloseable> parts, P part) {
    parts.push(part);
    return part;
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("Could not close {}", part, e);
    }
  }
}
