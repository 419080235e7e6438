package io.atrous.bench;

import io.atrous.dataset.JpegTransmission;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.FrameFit;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.torch.TorchScriptEngine;
import io.atrous.mask.Mask;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The maps that the model in the jar predicts for scenes that it has never seen, as cameras with
 * twice as many pixels each way send them.
 *
 * @param labels class indices
 * @param confidences round(255 * p), of the same scenes
 */
record PredictedMaps(List<Mask> labels, List<Mask> confidences) {

  private static final int JPEG_QUALITY = 85;
  private static final long SEED = 1;

  PredictedMaps {
    labels = List.copyOf(labels);
    confidences = List.copyOf(confidences);
  }

  static PredictedMaps of(
      int height, int width, int scenes, int threads, LongSupplier nanoTime, BenchProgress hears) {
    Model model = ModelFile.shipped();
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.FP32,
            height,
            width,
            1,
            true,
            threads,
            Path.of(System.getProperty("java.io.tmpdir")));
    List<Mask> labels = new ArrayList<>();
    List<Mask> confidences = new ArrayList<>();
    JpegTransmission transmission = new JpegTransmission();
    hears.at(0, "starting the network");
    try (TorchScriptEngine engine = TorchScriptEngine.start(model, settings, nanoTime)) {
      FrameFit fit = new FrameFit(model.spec(), engine.profile());
      ByteBuffer slot = ByteBuffer.allocateDirect(fit.slotBytes());
      for (int index = 0; index < scenes; index++) {
        // Each at another time, so that traffic has come and gone.
        LabeledImage scene =
            SyntheticScene.of(Split.TEST, SEED, index).render(0.7 * index, 2 * width, 2 * height);
        FrameGeometry geometry = fit.fill(transmission.send(scene.image(), JPEG_QUALITY), slot);
        EngineMask said = engine.segment(List.of(slot)).get(0);
        labels.add(FrameFit.content(said.labels(), geometry));
        confidences.add(FrameFit.content(Objects.requireNonNull(said.confidence()), geometry));
        hears.at((index + 1.0) / scenes, "predicting masks");
      }
    }
    return new PredictedMaps(labels, confidences);
  }
}
