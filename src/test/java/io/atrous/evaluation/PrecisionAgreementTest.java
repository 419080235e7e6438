package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.frame.FrameRejectedException;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.torch.TorchScriptEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ModelFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * In half the bits the shipped model sees what it sees in fp32. A CPU without instructions for them
 * computes the same, only slower.
 */
@Tag("slow")
class PrecisionAgreementTest {

  private static final int SCENES = 6;
  private static final ModelFile MODEL = ModelFile.shipped();

  @TempDir private Path temporary;

  @ParameterizedTest
  @EnumSource(
      value = PrecisionChoice.class,
      names = {"BF16", "FP16"})
  void halfTheBitsLabelAndMeasureAsFp32Does(PrecisionChoice half) throws FrameRejectedException {
    SceneFrames scenes = new SceneFrames(Split.TEST, 1, SCENES, 448, 252, 85);
    int classes = MODEL.spec().classes().size();
    ConfusionMatrix agreement = new ConfusionMatrix(classes);
    ConfusionMatrix wideTruth = new ConfusionMatrix(classes);
    ConfusionMatrix halfTruth = new ConfusionMatrix(classes);
    try (TorchScriptEngine wideEngine = start(PrecisionChoice.FP32);
        TorchScriptEngine halfEngine = start(half)) {
      WholeFrame wide = new WholeFrame(wideEngine, MODEL.spec());
      WholeFrame narrow = new WholeFrame(halfEngine, MODEL.spec());
      for (int index = 0; index < SCENES; index++) {
        LabeledFrame frame = scenes.get(index);
        Mask wideMask = wide.observe(frame).labels();
        Mask halfMask = narrow.observe(frame).labels();
        agreement.add(wideMask, halfMask);
        wideTruth.add(frame.labels(), wideMask);
        halfTruth.add(frame.labels(), halfMask);
      }
      assertThat(halfEngine.profile().precision()).isEqualTo(half.key());
    }

    assertThat(agreement.pixelAccuracy()).isGreaterThanOrEqualTo(0.995);
    assertThat(halfTruth.meanIntersectionOverUnion())
        .isCloseTo(wideTruth.meanIntersectionOverUnion(), offset(0.003));
  }

  private TorchScriptEngine start(PrecisionChoice precision) {
    return TorchScriptEngine.start(
        MODEL,
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            precision,
            MODEL.spec().inputHeight(),
            MODEL.spec().inputWidth(),
            1,
            true,
            1,
            temporary),
        System::nanoTime);
  }
}
