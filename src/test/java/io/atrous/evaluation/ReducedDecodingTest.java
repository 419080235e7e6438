package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.SyntheticScene;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.PayloadEncoding;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.FrameFit;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.torch.TorchScriptEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ModelFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A frame decoded at a fraction of its size says as much to a network as the whole one. */
@Tag("slow")
class ReducedDecodingTest {

  private static final int SCENES = 12;
  private static final int JPEG_QUALITY = 85;
  private static final ModelFile MODEL = ModelFile.shipped();

  @TempDir private Path temporary;
  private final FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);

  @ParameterizedTest
  @CsvSource({"1920, 1080", "3840, 2160"})
  void theShippedModelLabelsReducedFramesAsItLabelsWholeOnes(int width, int height)
      throws FrameRejectedException {
    int classes = MODEL.spec().classes().size();
    ConfusionMatrix agreement = new ConfusionMatrix(classes);
    ConfusionMatrix wholeTruth = new ConfusionMatrix(classes);
    ConfusionMatrix reducedTruth = new ConfusionMatrix(classes);
    try (TorchScriptEngine engine = start()) {
      FrameFit fit = new FrameFit(MODEL.spec(), engine.profile());
      ByteBuffer slot = ByteBuffer.allocateDirect(fit.slotBytes());
      for (int index = 0; index < SCENES; index++) {
        LabeledImage scene =
            SyntheticScene.of(Split.TEST, 1, index).render(0.7 * index, width, height);
        EncodedFrame frame =
            EncodedFrame.compressed(
                PayloadEncoding.JPEG, FrameEncoder.jpeg(scene.image(), JPEG_QUALITY));
        FrameGeometry geometry = fit.fill(decoder.decode(frame), slot);
        Mask whole = mask(engine, slot, geometry);
        assertThat(fit.fill(decoder, frame, slot)).isEqualTo(geometry);
        Mask reduced = mask(engine, slot, geometry);
        agreement.add(whole, reduced);
        wholeTruth.add(scene.labels(), whole.scaledTo(width, height));
        reducedTruth.add(scene.labels(), reduced.scaledTo(width, height));
      }
    }

    assertThat(agreement.pixelAccuracy()).isGreaterThanOrEqualTo(0.995);
    assertThat(reducedTruth.meanIntersectionOverUnion())
        .isCloseTo(wholeTruth.meanIntersectionOverUnion(), offset(0.003));
  }

  private static Mask mask(TorchScriptEngine engine, ByteBuffer slot, FrameGeometry geometry) {
    return FrameFit.content(engine.segment(List.of(slot)).get(0).labels(), geometry);
  }

  private TorchScriptEngine start() {
    return TorchScriptEngine.start(
        MODEL,
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            PrecisionChoice.FP32,
            MODEL.spec().inputHeight(),
            MODEL.spec().inputWidth(),
            1,
            false,
            1,
            temporary),
        System::nanoTime);
  }
}
