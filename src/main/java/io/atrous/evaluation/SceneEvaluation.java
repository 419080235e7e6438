package io.atrous.evaluation;

import io.atrous.dataset.JpegTransmission;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.SegmentationEngine;
import io.atrous.inference.torch.TorchScriptEngine;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Measures a model on synthetic scenes as cameras send them.
 *
 * @param split which scenes
 * @param seed the seed of the scenes
 * @param scenes the number of scenes, from the first
 * @param frameWidth the frame width in pixels of the cameras
 * @param frameHeight the frame height in pixels of the cameras
 * @param jpegQuality the JPEG quality of the frames, 1 to 100
 */
public record SceneEvaluation(
    Split split, long seed, int scenes, int frameWidth, int frameHeight, int jpegQuality) {

  /** Creates an evaluation on frames like those of the demo's synthetic cameras. */
  public static SceneEvaluation ofFrames(Split split, int scenes) {
    return new SceneEvaluation(split, 1, scenes, 1280, 720, 85);
  }

  /**
   * The confusion of a model over all scenes' pixels at the frames' resolution.
   *
   * @param model the model, which runs as it serves: compiled for this machine's CPU, in fp32, so
   *     that the figures are the same on all
   * @param threads cores to compute on
   * @param nanoTime a clock to choose among compilations by
   */
  public ConfusionMatrix measure(ModelFile model, int threads, LongSupplier nanoTime) {
    ModelSpec spec = model.spec();
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.FP32,
            spec.inputHeight(),
            spec.inputWidth(),
            1,
            false,
            threads,
            Path.of(System.getProperty("java.io.tmpdir")));
    try (TorchScriptEngine engine = TorchScriptEngine.start(model, settings, nanoTime)) {
      return measure(engine, spec);
    }
  }

  private ConfusionMatrix measure(SegmentationEngine engine, ModelSpec spec) {
    JpegTransmission transmission = new JpegTransmission();
    Evaluator evaluator = new Evaluator(engine, spec);
    for (int index = 0; index < scenes; index++) {
      // Each at another time, so that traffic has come and gone.
      LabeledImage frame =
          SyntheticScene.of(split, seed, index).render(0.7 * index, frameWidth, frameHeight);
      evaluator.add(transmission.send(frame.image(), jpegQuality), frame.labels());
    }
    return evaluator.matrix();
  }
}
