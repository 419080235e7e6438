package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.FrameFit;
import io.atrous.inference.PrecisionChoice;
import io.atrous.inference.ProbabilisticEngine;
import io.atrous.inference.torch.TorchScriptBackend;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AveragedFrameTest {

  private static final ModelFile STREET = ModelFile.shipped();

  @TempDir private Path temporary;

  static ModelSpec spec(int height, int width) {
    return new ModelSpec(
        "brightness",
        "1",
        new ClassCatalog(
            List.of(new SegmentationClass("dark", 0), new SegmentationClass("light", 0xFFFFFF))),
        height,
        width,
        Normalization.IMAGENET,
        ResizePolicy.FIT);
  }

  private static LabeledFrame grey(int width, int height, int... reds) {
    RgbImage picture = RgbImage.allocate(width, height);
    for (int i = 0; i < reds.length; i++) {
      picture.setRgb(i % width, i / width, reds[i] << 16);
    }
    return new LabeledFrame(
        EncodedFrame.compressed(PayloadEncoding.PNG, FrameEncoder.png(picture)),
        new Mask(width, height, new byte[width * height]));
  }

  @Test
  void averagesWhatIsSaidOfAFrameAtTwoSizes() throws FrameRejectedException {
    LabeledFrame frame = grey(4, 1, 0, 100, 200, 240);

    Observation seen =
        new AveragedFrame(new BrightnessEngine(1, 4), spec(1, 4), List.of(1.0, 0.5)).observe(frame);

    // At half the size the pairs become 50 and 220; between their centres, at 0.25 and 0.75 of a
    // pixel, are 50, 92.5, 177.5 and 220. The mirror image says the same.
    int[] light = {25, 96, 189, 230};
    assertThat(seen.labels().values()).containsExactly(0, 0, 1, 1);
    for (int x = 0; x < 4; x++) {
      assertThat(seen.confidence().get(x, 0))
          .isCloseTo(Math.max(light[x], 255 - light[x]), offset(1));
    }
  }

  /** Says of every image that its left half is light. */
  private record LeftHanded(BrightnessEngine engine) implements ProbabilisticEngine {
    @Override
    public EngineProfile profile() {
      return engine.profile();
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      return engine.segment(images);
    }

    @Override
    public float[] probabilities(ByteBuffer image, int height, int width) {
      float[] probabilities = new float[height * width * 2];
      for (int i = 0; i < height * width; i++) {
        probabilities[2 * i] = i % width < width / 2 ? 0.2f : 0.6f;
        probabilities[2 * i + 1] = 1 - probabilities[2 * i];
      }
      return probabilities;
    }

    @Override
    public void close() {}
  }

  @Test
  void turnsTheAnswerForTheMirrorImageBack() throws FrameRejectedException {
    Observation seen =
        new AveragedFrame(new LeftHanded(new BrightnessEngine(1, 4)), spec(1, 4), List.of(1.0))
            .observe(grey(4, 1, 0, 0, 0, 0));

    // 0.8 on the left once, 0.4 on the right once: 0.6 everywhere.
    assertThat(seen.labels().values()).containsExactly(1, 1, 1, 1);
    assertThat(seen.confidence().get(0, 0)).isEqualTo(153);
    assertThat(seen.confidence().get(3, 0)).isEqualTo(153);
  }

  @Test
  void isWhatTheServiceSaysAtScaleOneButForTheMirrorImage() throws FrameRejectedException {
    LabeledFrame frame = new SceneFrames(Split.TEST, 1, 1, 640, 360, 90).get(0);
    try (ProbabilisticEngine engine = start()) {
      Observation whole = new WholeFrame(engine, STREET.spec()).observe(frame);
      Observation averaged =
          new AveragedFrame(engine, STREET.spec(), List.of(0.75, 1.0, 1.5)).observe(frame);

      assertThat(averaged.labels()).isNotEqualTo(whole.labels());
      assertThat(averaged.labels().values()).isEqualTo(byHand(engine, frame, 0.75, 1.0, 1.5));
    }
  }

  @Test
  void getsProbabilitiesWhoseHighestAreTheLabelsAndConfidencesOfTheService()
      throws FrameRejectedException {
    LabeledFrame frame = new SceneFrames(Split.TEST, 1, 1, 448, 252, 90).get(0);
    try (ProbabilisticEngine engine = start()) {
      FrameFit fit = new FrameFit(STREET.spec(), engine.profile());
      ByteBuffer slot = ByteBuffer.allocateDirect(fit.slotBytes());
      fit.fill(new FrameDecoder(DecodeLimits.DEFAULT), frame.frame(), slot);
      EngineMask said = engine.segment(List.of(slot)).get(0);
      byte[] confidence = Objects.requireNonNull(said.confidence());

      float[] probabilities = engine.probabilities(slot, 256, 448);

      for (int pixel = 0; pixel < 256 * 448; pixel++) {
        float[] of = Arrays.copyOfRange(probabilities, 7 * pixel, 7 * pixel + 7);
        float sum = 0;
        for (float p : of) {
          sum += p;
        }
        assertThat(sum).isCloseTo(1, offset(1e-5f));
        float highest = of[said.labels()[pixel]];
        assertThat(255 * highest).isCloseTo(confidence[pixel] & 0xFF, offset(0.501f));
      }
    }
  }

  private ProbabilisticEngine start() {
    return new TorchScriptBackend(() -> 0)
        .start(
            STREET,
            new EngineSettings(
                new ExecutionTarget.Cpu(), PrecisionChoice.FP32, 256, 448, 1, true, 1, temporary));
  }

  /** The mean of all answers, sampled pixel by pixel in double precision. */
  private static byte[] byHand(ProbabilisticEngine engine, LabeledFrame frame, double... scales)
      throws FrameRejectedException {
    RgbImage picture = new FrameDecoder(DecodeLimits.DEFAULT).decode(frame.frame());
    double[][][] mean = new double[252][448][7];
    for (double scale : scales) {
      for (boolean mirror : new boolean[] {false, true}) {
        int height = (int) Math.round(256 * scale);
        int width = (int) Math.round(448 * scale);
        RgbImage shown = picture;
        if (mirror) {
          shown = RgbImage.allocate(640, 360);
          for (int y = 0; y < 360; y++) {
            for (int x = 0; x < 640; x++) {
              shown.setRgb(x, y, picture.rgb(639 - x, y));
            }
          }
        }
        ByteBuffer slot = ByteBuffer.allocateDirect(height * width * 3);
        FrameGeometry geometry = new FrameGeometry(640, 360, width, height, ResizePolicy.FIT);
        new FrameResizer(STREET.spec().normalization().meanRgb()).resize(shown, geometry, slot);
        float[] said = engine.probabilities(slot, height, width);
        for (int y = 0; y < 252; y++) {
          for (int x = 0; x < 448; x++) {
            for (int index = 0; index < 7; index++) {
              double atX = (x + 0.5) * geometry.contentWidth() / 448 - 0.5;
              double atY = (y + 0.5) * geometry.contentHeight() / 252 - 0.5;
              mean[y][x][index] += sampled(said, geometry, atX, atY, index, mirror);
            }
          }
        }
      }
    }
    byte[] labels = new byte[252 * 448];
    for (int y = 0; y < 252; y++) {
      for (int x = 0; x < 448; x++) {
        for (int index = 1; index < 7; index++) {
          if (mean[y][x][index] > mean[y][x][labels[y * 448 + x]]) {
            labels[y * 448 + x] = (byte) index;
          }
        }
      }
    }
    return new Mask(448, 252, labels).scaledTo(640, 360).values();
  }

  private static double sampled(
      float[] said, FrameGeometry geometry, double x, double y, int index, boolean mirror) {
    double value = 0;
    for (int row = (int) Math.floor(y); row <= Math.floor(y) + 1; row++) {
      for (int column = (int) Math.floor(x); column <= Math.floor(x) + 1; column++) {
        int inRow = Math.max(0, Math.min(geometry.contentHeight() - 1, row));
        int inColumn = Math.max(0, Math.min(geometry.contentWidth() - 1, column));
        int stored = mirror ? geometry.contentWidth() - 1 - inColumn : inColumn;
        value +=
            (1 - Math.abs(y - row))
                * (1 - Math.abs(x - column))
                * said[(inRow * geometry.inputWidth() + stored) * 7 + index];
      }
    }
    return value;
  }
}
