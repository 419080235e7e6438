package io.atrous.evaluation;

import io.atrous.dataset.scene.Conditions;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import java.nio.file.Path;

/**
 * Measures a model on synthetic scenes as cameras send them.
 *
 * @param frames the scenes
 */
public record SceneEvaluation(SceneFrames frames) {

  private static final long SEED = 1;

  /** Creates an evaluation on frames like those of the demo's synthetic cameras. */
  public static SceneEvaluation ofFrames(Split split, int scenes) {
    return new SceneEvaluation(SceneFrames.likeTheDemos(split, SEED, scenes, Conditions.USUAL));
  }

  /**
   * The confusion of a model over all scenes' pixels at the frames' resolution.
   *
   * @param model the model, which runs on this machine's CPU and in fp32
   * @param backend the runtime to run it on
   * @param threads cores to compute on
   */
  public ConfusionMatrix measure(ModelFile model, EngineBackend backend, int threads) {
    ModelSpec spec = model.spec();
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.FP32,
            spec.inputHeight(),
            spec.inputWidth(),
            1,
            true,
            threads,
            Path.of(System.getProperty("java.io.tmpdir")));
    return Evaluator.evaluate(
            model, settings, new TestProtocol.Whole(), frames, backend, (done, total) -> {})
        .matrix();
  }
}
