package io.atrous;

import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.SchemaRegistryException;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.Segmenter;
import io.atrous.live.LiveTap;
import io.atrous.model.Model;
import io.atrous.payload.PayloadFetcher;
import io.atrous.settings.ClaimCheckKeys;
import io.atrous.settings.Cluster;
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
import io.atrous.settings.TracingKeys;
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
import io.atrous.stream.WarmUp;
import io.atrous.tracing.FrameTracer;
import io.atrous.tracing.OpenTelemetryTracer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wiring of a service: which parts there are, in the order in which they start, and what they
 * get from the configuration.
 */
final class ServiceStart {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceStart.class);

  private static final Duration SHED_FRAMES_LOG_INTERVAL = Duration.ofMinutes(1);
  private static final Duration DEVICE_MEMORY_INTERVAL = Duration.ofSeconds(5);
  private static final Duration MODEL_WATCH_INTERVAL = Duration.ofSeconds(5);

  private ServiceStart() {}

  /**
   * Makes all parts and starts them.
   *
   * @param parts takes what has to be closed, also if this throws
   */
  static SegmentationService start(
      ServiceConfig config, EngineBackend engines, ServiceParts parts) {
    // Before the model is opened, so that no change is missed.
    FileWatch watch = new FileWatch(config.getString(NetworkKeys.MODEL_FILE));
    ServiceMetrics metrics = parts.own(new ServiceMetrics(parts.own(tracer(config))));
    ServiceHealth health = new ServiceHealth();
    metrics.showReady(() -> health.ready().up());
    Optional<LiveView> live =
        WebKeys.isLive(config) ? Optional.of(new LiveView(metrics.registry())) : Optional.empty();
    Optional<Monitoring> monitoring =
        Monitoring.start(
            config, metrics, health, live.map(view -> view.site(WebKeys.liveHosts(config))));
    monitoring.ifPresent(parts::own);
    ModelLoader loader = new ModelLoader(config, engines, metrics.inference());
    Model file = loader.open();
    BackgroundLoad<ServedModel> model =
        parts.own(BackgroundLoad.start("model-load", () -> loader.load(file), ServiceParts::close));
    BackgroundLoad<WarmUp> warmUp =
        parts.own(BackgroundLoad.start("warm-up-load", WarmUp::new, unused -> {}));
    ClusterCheck.run(config);
    String runId = UUID.randomUUID().toString().substring(0, 8);
    MemberName name = MemberName.of(config, runId, System.currentTimeMillis());
    GroupWatch group = parts.own(new GroupWatch(config, new GroupJudge(config, name)));
    awaitJoinable(config, group);
    OutputTopics topics = new OutputTopics(Clock.systemUTC());
    OutputTopicLimits limits = new OutputTopicLimits(config, topics);
    limits.readFirst();

    EventSerdes serdes = parts.own(RegistryKeys.serdes(config));
    EventOutputs outputs = outputs(config, serdes, topics);
    ModelSwitch models = parts.own(new ModelSwitch(model.take()));
    PayloadFetcher payloads = parts.own(payloads(config));
    parts.own(ShedFramesLog.start(metrics.shedFrames(), SHED_FRAMES_LOG_INTERVAL));
    FramePipeline pipeline =
        parts.own(
            pipeline(
                config,
                models,
                serdes,
                payloads,
                outputs,
                metrics,
                live.<LiveTap>map(LiveView::cameras).orElse(LiveTap.OFF)));
    CompletableFuture<Void> warmed = pipeline.warm(warmUp.take());

    EngineLatch latch = new EngineLatch();
    KafkaStreams streams =
        new KafkaStreams(
            topology(config, pipeline, topics, latch, runId, metrics.frames()),
            StreamsProperties.of(config, name.clientId()),
            new OutcomeClients(topics.refused()));
    try {
      warmed.join();
    } catch (CompletionException e) {
      streams.close();
      throw e;
    }
    LOG.info("{}", memoryBound(config, models.current()));
    SegmentationService service =
        new SegmentationService(
            config, loader, models, group, parts, streams, latch, metrics, monitoring);
    metrics.show(models);
    live.ifPresent(view -> view.isOf(models));
    metrics.showConflict(() -> group.conflict().isPresent());
    health.isOf(service);
    service.join();
    parts.own(Periodic.start("output-topics", OutputTopicLimits.INTERVAL, limits));
    if (monitoring.isPresent()) {
      parts.own(
          Periodic.start(
              "device-memory",
              DEVICE_MEMORY_INTERVAL,
              () -> metrics.inference().readMemory(engines::memory)));
    }
    if (NetworkKeys.reload(config) == ReloadTrigger.WATCH) {
      parts.own(Periodic.start("model-watch", MODEL_WATCH_INTERVAL, reloadIf(watch, service)));
    }
    return service;
  }

  private static MemoryBound memoryBound(ServiceConfig config, ServedModel model) {
    Segmenter segmenter = model.segmenter();
    return MemoryBound.of(config, model.slotMemoryBytes(), segmenter.profile(), segmenter.lanes());
  }

  private static FrameTracer tracer(ServiceConfig config) {
    return TracingKeys.isEnabled(config)
        ? Values.checked(
            TracingKeys.ENABLED,
            () ->
                OpenTelemetryTracer.start(
                    config.getString(KafkaKeys.APPLICATION_ID),
                    System::nanoTime,
                    Clock.systemUTC()))
        : FrameTracer.OFF;
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

  private static Runnable reloadIf(FileWatch changed, SegmentationService service) {
    return () -> {
      if (changed.hasChanged()) {
        service.reloadModel();
      }
    };
  }

  private static FramePipeline pipeline(
      ServiceConfig config,
      ModelSwitch models,
      EventSerdes serdes,
      PayloadFetcher payloads,
      EventOutputs outputs,
      ServiceMetrics metrics,
      LiveTap live) {
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
        metrics.frames(),
        live);
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
}
