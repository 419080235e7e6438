package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.inference.EngineFailedException;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.onednn.OneDnnBackend;
import io.atrous.model.ModelFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What int8 costs the model in the jar, on scenes that it was neither trained nor calibrated on.
 */
class EightBitAgreementTest {

  /** As much as lets {@code inference.precision=auto} take it. */
  private static final double MAX_LOSS = EngineSettings.DEFAULT_INT8_MAX_LOSS / 100;

  private static final ModelFile MODEL = ModelFile.shipped();

  @TempDir private Path temporary;

  @Test
  void theShippedModelLabelsInInt8AsItDoesInFp32() {
    ConfusionMatrix wide = measure(PrecisionChoice.FP32);
    ConfusionMatrix narrow = measure(PrecisionChoice.INT8);

    assertThat(wide.meanIntersectionOverUnion() - narrow.meanIntersectionOverUnion())
        .isLessThanOrEqualTo(MAX_LOSS);
    assertThat(narrow.pixelAccuracy()).isGreaterThan(wide.pixelAccuracy() - MAX_LOSS);
  }

  @Test
  void itsCalibrationSaysThatAutoMayTakeIt() {
    assertThat(MODEL.quantization().orElseThrow().accuracy().loss())
        .isLessThanOrEqualTo(EngineSettings.DEFAULT_INT8_MAX_LOSS);
  }

  private ConfusionMatrix measure(PrecisionChoice precision) {
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            precision,
            MODEL.spec().inputHeight(),
            MODEL.spec().inputWidth(),
            1,
            true,
            2,
            temporary);
    try {
      return Evaluator.evaluate(
              MODEL,
              settings,
              new TestProtocol.Whole(),
              new SceneFrames(Split.TEST, 1, 12, 448, 252, 85),
              new OneDnnBackend(System::nanoTime),
              (done, total) -> {})
          .matrix();
    } catch (EngineFailedException e) {
      return Assumptions.abort("not run: " + e.getMessage());
    }
  }
}
