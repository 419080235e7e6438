package io.atrous.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabeledFrame;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import org.junit.jupiter.api.Test;

class CroppedFrameTest {

  /** White, light and right from a column on. */
  private static LabeledFrame frame(int width, int height, int from) {
    RgbImage picture = RgbImage.allocate(width, height);
    byte[] labels = new byte[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = from; x < width; x++) {
        picture.setRgb(x, y, 0xFFFFFF);
        labels[y * width + x] = 1;
      }
    }
    return new LabeledFrame(
        EncodedFrame.compressed(PayloadEncoding.PNG, FrameEncoder.png(picture)),
        new Mask(width, height, labels));
  }

  private static Observation observe(LabeledFrame frame) throws FrameRejectedException {
    return new CroppedFrame(new BrightnessEngine(8, 8), AveragedFrameTest.spec(8, 8))
        .observe(frame);
  }

  @Test
  void judgesTheMiddleOfAFrameThatIsWiderOrHigherThanTheInput() throws FrameRejectedException {
    Observation wide = observe(frame(32, 16, 16));

    assertThat(wide.left()).isEqualTo(8);
    assertThat(wide.top()).isZero();
    assertThat(wide.truth().width()).isEqualTo(16);
    assertThat(wide.truth().height()).isEqualTo(16);
    // Columns 8 to 23, of which the second half is light; two of them are one of the input.
    assertThat(wide.truth().values()).isEqualTo(wide.labels().values());
    assertThat(wide.labels().get(7, 3)).isZero();
    assertThat(wide.labels().get(8, 3)).isEqualTo(1);

    Observation high = observe(frame(16, 33, 8));
    assertThat(high.top()).isEqualTo(8);
    assertThat(high.truth().height()).isEqualTo(16);
  }
}
