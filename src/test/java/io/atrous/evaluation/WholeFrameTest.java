package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabeledFrame;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.SegmentationClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class WholeFrameTest {

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

  /** The truth, and the confusion with what the model says of the frame, added to a matrix. */
  private static void add(ConfusionMatrix matrix, RgbImage frame, Mask truth)
      throws FrameRejectedException {
    EncodedFrame encoded = EncodedFrame.compressed(PayloadEncoding.PNG, FrameEncoder.png(frame));
    Observation seen =
        new WholeFrame(new BrightnessEngine(8, 8), SPEC).observe(new LabeledFrame(encoded, truth));
    assertThat(seen.confidence().width()).isEqualTo(frame.width());
    matrix.add(seen.truth(), seen.labels());
  }

  private static Mask truth(int width, int height, int from) {
    byte[] labels = new byte[width * height];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (i % width >= from ? 1 : 0);
    }
    return new Mask(width, height, labels);
  }

  @Test
  void comparesAtTheFramesOwnResolution() throws FrameRejectedException {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    // 32x16 is shrunk by four to 8x4, above four rows of padding; column 12 is a mask's edge.
    add(matrix, frame(32, 16, 12), truth(32, 16, 12));

    assertThat(matrix.count(0, 0)).isEqualTo(12 * 16);
    assertThat(matrix.count(1, 1)).isEqualTo(20 * 16);
    assertThat(matrix.meanIntersectionOverUnion()).isEqualTo(1);
  }

  @Test
  void countsWhatAMaskTooCoarseForTheFrameGetsWrong() throws FrameRejectedException {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    // The edge at 13 lies in the mask column of 12 to 15, three quarters of which are white.
    add(matrix, frame(32, 16, 13), truth(32, 16, 13));

    assertThat(matrix.count(0, 1)).isEqualTo(16);
    assertThat(matrix.count(1, 0)).isZero();
  }

  @Test
  void addsUpFramesOfAnySize() throws FrameRejectedException {
    ConfusionMatrix matrix = new ConfusionMatrix(2);

    add(matrix, frame(32, 16, 12), truth(32, 16, 12));
    add(matrix, frame(8, 8, 3), truth(8, 8, 3));
    add(matrix, frame(16, 32, 8), truth(16, 32, 8));

    assertThat(matrix.pixelAccuracy()).isEqualTo(1);
    assertThat(matrix.count(1, 1)).isEqualTo(20 * 16 + 5 * 8 + 8 * 32);
  }
}
