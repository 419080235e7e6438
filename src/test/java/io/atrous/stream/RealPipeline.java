package io.atrous.stream;

import io.atrous.batching.BatchPolicy;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.FrameEvent;
import io.atrous.event.ModelReference;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.frame.DecodeLimits;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.Segmenter;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The pipeline of production, with its batcher, around an engine that a test scripts. */
final class RealPipeline implements ContractEngine, AutoCloseable {

  static final int MAX_BATCH = 4;
  private static final int WORKERS = 2;
  private static final int MAX_RECORD_BYTES = 1 << 20;

  private static final ModelSpec MODEL =
      new ModelSpec(
          "m",
          "1",
          new ClassCatalog(
              List.of(new SegmentationClass("a", 0), new SegmentationClass("b", 0xFFFFFF))),
          EventFormat.SIDE,
          EventFormat.SIDE,
          Normalization.IMAGENET,
          ResizePolicy.FIT);

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
    registry = new SchemaRegistryClient(new SchemaRegistryConfig(format.registrySettings()));
    frames = new AvroEventSerde<>(FrameEvent.class, registry);
    frames.configure(format.registrySettings(), false);
    segmenter =
        Segmenter.start(
            new BatchPolicy(
                MAX_BATCH, Duration.ofMillis(5), FramePipeline.slotCount(MAX_BATCH, 1, WORKERS)),
            1,
            () -> engine,
            System::nanoTime);
    pipeline =
        new FramePipeline(
            segmenter,
            frames.deserializer(),
            reference -> CompletableFuture.failedFuture(new IllegalStateException("no payloads")),
            FrameLimits.of(new DecodeLimits(MAX_RECORD_BYTES, MAX_RECORD_BYTES)),
            MODEL,
            EventOutputs.prepare(
                "masks",
                "regions",
                "dead-letters",
                EventSerdes.own(format.registrySettings(), registry)),
            new ResultSettings(
                new ModelReference("m", "1", "0".repeat(64), "fp32"),
                MaskFormat.CHAIN_CODE,
                null,
                new RegionOptions(0, 100, 0, Set.of()),
                MAX_RECORD_BYTES,
                MAX_RECORD_BYTES),
            SheddingPolicy.none(),
            CameraWeights.equal(),
            new ShedFrames(),
            WORKERS,
            Clock.systemUTC(),
            System::nanoTime);
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
