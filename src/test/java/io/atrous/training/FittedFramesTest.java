package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.dataset.DatasetException;
import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.LabeledFrames;
import io.atrous.dataset.LabeledImage;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.util.List;
import org.junit.jupiter.api.Test;

class FittedFramesTest {

  /** Frames of 400x200, white and class 1 right of a column that is the frame's number. */
  private static final LabeledFrames FRAMES =
      new LabeledFrames() {
        @Override
        public int size() {
          return 400;
        }

        @Override
        public String name(int index) {
          return "frame " + index;
        }

        @Override
        public LabeledFrame get(int index) {
          RgbImage image = RgbImage.allocate(400, 200);
          byte[] labels = new byte[400 * 200];
          for (int i = 0; i < labels.length; i++) {
            if (i % 400 >= index) {
              labels[i] = 1;
              image.setRgb(i % 400, i / 400, 0xFFFFFF);
            }
          }
          byte[] payload = index == 0 ? new byte[3] : FrameEncoder.png(image);
          return new LabeledFrame(
              EncodedFrame.compressed(PayloadEncoding.PNG, payload), new Mask(400, 200, labels));
        }
      };

  private static FittedFrames fitted(List<Integer> chosen) {
    return new FittedFrames(FRAMES, chosen, DecodeLimits.DEFAULT, 50, 50);
  }

  @Test
  void showsFramesAtTheSizeAtWhichTheNetworkSeesThem() {
    LabeledImage image = fitted(List.of(160)).get(0);

    // An eighth of the frame, without the padding below it.
    assertThat(image.image().width()).isEqualTo(50);
    assertThat(image.image().height()).isEqualTo(25);
    for (int x = 0; x < 50; x++) {
      assertThat(image.labels().get(x, 12)).as("label at %d", x).isEqualTo(x >= 20 ? 1 : 0);
      assertThat(image.image().rgb(x, 12) & 0xFF).as("pixel at %d", x).isEqualTo(x >= 20 ? 255 : 0);
    }
  }

  @Test
  void takesTheChosenFramesInTheirOrder() {
    FittedFrames frames = fitted(List.of(320, 80));

    assertThat(frames.size()).isEqualTo(2);
    assertThat(frames.get(0).labels().get(15, 0)).isZero();
    assertThat(frames.get(1).labels().get(15, 0)).isEqualTo(1);
  }

  @Test
  void namesAFrameThatIsNoImage() {
    assertThatThrownBy(() -> fitted(List.of(0)).get(0))
        .isInstanceOf(DatasetException.class)
        .hasMessageStartingWith("Cannot use frame 0: ");
  }
}
