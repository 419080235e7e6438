package io.atrous.stream;

import io.atrous.batching.BatchPolicy;
import io.atrous.event.ModelReference;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.InferenceMetrics;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.Segmenter;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.RegionOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The model that tests serve around an engine of their own: two classes, one lane. */
final class TestModel {

  static final int WORKERS = 2;

  private TestModel() {}

  static Segmenter segmenter(
      int maxBatchSize,
      Duration maxWait,
      Supplier<? extends SegmentationEngine> engine,
      LongSupplier nanoTime) {
    return Segmenter.start(
        new BatchPolicy(maxBatchSize, maxWait, ServedModel.slotCount(maxBatchSize, 1, WORKERS)),
        1,
        engine,
        InferenceMetrics.unread(nanoTime));
  }

  /** The model in the size of the segmenter's engine. */
  static ServedModel served(Segmenter segmenter, int maxRecordBytes) {
    EngineProfile engine = segmenter.profile();
    return new ServedModel(
        spec(engine.inputHeight(), engine.inputWidth()),
        segmenter,
        results(maxRecordBytes),
        WORKERS);
  }

  static ModelSpec spec(int height, int width) {
    return new ModelSpec(
        "m",
        "1",
        new ClassCatalog(
            List.of(new SegmentationClass("dark", 0), new SegmentationClass("bright", 0xFFFFFF))),
        height,
        width,
        Normalization.IMAGENET,
        ResizePolicy.FIT);
  }

  static ResultSettings results(int maxRecordBytes) {
    return new ResultSettings(
        new ModelReference("m", "1", "0".repeat(64), "fp32"),
        MaskFormat.CHAIN_CODE,
        null,
        new RegionOptions(0, 100, 0, Set.of()),
        new OutcomeHeaders(Set.of("copied"), 1_000),
        maxRecordBytes,
        maxRecordBytes);
  }
}
