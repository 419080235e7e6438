package io.atrous.stream;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.OrientationPolicy;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.Segmenter;
import io.atrous.live.LiveTap;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The pipeline of production, with its batcher, around an engine that a test scripts. */
final class RealPipeline implements ContractEngine, AutoCloseable {

  static final int MAX_BATCH = 4;
  private static final int MAX_RECORD_BYTES = 1 << 20;

  private final SchemaRegistryClient registry;
  private final AvroEventSerde<FrameEvent> frames;
  private final Segmenter segmenter;
  private final FramePipeline pipeline;

  /**
   * Starts it.
   *
   * @param engine takes batches of {@link #MAX_BATCH}; is closed with the pipeline
   */
  RealPipeline(EventFormat format, SegmentationEngine engine) {
    this(format, engine, new OutputTopics(Clock.systemUTC()));
  }

  /** Starts one whose instance has the same knowledge of the output topics. */
  RealPipeline(EventFormat format, SegmentationEngine engine, OutputTopics topics) {
    registry = new SchemaRegistryClient(new SchemaRegistryConfig(format.registrySettings()));
    frames = new AvroEventSerde<>(FrameEvent.class, registry);
    frames.configure(format.registrySettings(), false);
    segmenter =
        TestModel.segmenter(MAX_BATCH, Duration.ofMillis(5), () -> engine, System::nanoTime);
    pipeline =
        new FramePipeline(
            new ModelSwitch(TestModel.served(segmenter, MAX_RECORD_BYTES)),
            frames.deserializer(),
            reference -> CompletableFuture.failedFuture(new IllegalStateException("no payloads")),
            FrameLimits.of(new DecodeLimits(MAX_RECORD_BYTES, MAX_RECORD_BYTES)),
            OrientationPolicy.IGNORE,
            EventOutputs.prepare(
                "masks",
                "regions",
                "dead-letters",
                EventSerdes.own(format.registrySettings(), registry),
                topics),
            SheddingPolicy.none(),
            CameraWeights.equal(),
            new ShedFrames(),
            TestModel.WORKERS,
            Clock.systemUTC(),
            FrameMetrics.unread(System::nanoTime),
            LiveTap.OFF);
  }

  @Override
  public CompletableFuture<Outcome> analyze(SourceRecord record) {
    return pipeline.analyze(record);
  }

  /** How many frames wait for a batch. */
  int queued() {
    return segmenter.queued();
  }

  @Override
  public void crash() {
    pipeline.close();
  }

  @Override
  public void close() {
    pipeline.close();
    segmenter.close();
    frames.close();
    registry.close();
  }
}
