package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineMask;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluatorTest {

  private static final ModelSpec SPEC =
      new ModelSpec(
          "brightness",
          "1",
          new ClassCatalog(
              List.of(new SegmentationClass("dark", 0), new SegmentationClass("light", 0xFFFFFF))),
          8,
          8,
          Normalization.IMAGENET,
          ResizePolicy.FIT);

  /** Says 1 where red is more than half. */
  private static final class BrightnessEngine implements SegmentationEngine {
    @Override
    public EngineProfile profile() {
      return new EngineProfile("cpu", "none", 8, 8, 1);
    }

    @Override
    public List<EngineMask> segment(List<ByteBuffer> images) {
      byte[] labels = new byte[64];
      for (int i = 0; i < 64; i++) {
        labels[i] = (byte) ((images.get(0).get(3 * i) & 0xFF) > 127 ? 1 : 0);
      }
      return List.of(new EngineMask(labels, null));
    }

    @Override
    public void close() {}
  }

  /** White right of a column. */
  private static RgbImage frame(int width, int height, int from) {
    RgbImage frame = RgbImage.allocate(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = from; x < width; x++) {
        frame.setRgb(x, y, 0xFFFFFF);
      }
    }
    return frame;
  }

  private static Mask truth(int width, int height, int from) {
    byte[] labels = new byte[width * height];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (i % width >= from ? 1 : 0);
    }
    return new Mask(width, height, labels);
  }

  @Test
  void comparesAtTheFramesOwnResolution() {
    Evaluator evaluator = new Evaluator(new BrightnessEngine(), SPEC);

    // 32x16 is shrunk by four to 8x4, above four rows of padding; column 12 is a mask's edge.
    evaluator.add(frame(32, 16, 12), truth(32, 16, 12));

    assertThat(evaluator.matrix().count(0, 0)).isEqualTo(12 * 16);
    assertThat(evaluator.matrix().count(1, 1)).isEqualTo(20 * 16);
    assertThat(evaluator.matrix().meanIntersectionOverUnion()).isEqualTo(1);
  }

  @Test
  void countsWhatAMaskTooCoarseForTheFrameGetsWrong() {
    Evaluator evaluator = new Evaluator(new BrightnessEngine(), SPEC);

    // The edge at 13 lies in the mask column of 12 to 15, three quarters of which are white.
    evaluator.add(frame(32, 16, 13), truth(32, 16, 13));

    assertThat(evaluator.matrix().count(0, 1)).isEqualTo(16);
    assertThat(evaluator.matrix().count(1, 0)).isZero();
  }

  @Test
  void addsUpFramesOfAnySize() {
    Evaluator evaluator = new Evaluator(new BrightnessEngine(), SPEC);

    evaluator.add(frame(32, 16, 12), truth(32, 16, 12));
    evaluator.add(frame(8, 8, 3), truth(8, 8, 3));
    evaluator.add(frame(16, 32, 8), truth(16, 32, 8));

    assertThat(evaluator.matrix().pixelAccuracy()).isEqualTo(1);
    assertThat(evaluator.matrix().count(1, 1)).isEqualTo(20 * 16 + 5 * 8 + 8 * 32);
  }
}
