package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CropLoaderTest {

  private static final Augmentation CROPS = new Augmentation(6, 8, 0.8, 1.2);

  private static LabeledImage image(int index) {
    RgbImage image = RgbImage.allocate(16, 12);
    byte[] labels = new byte[16 * 12];
    for (int y = 0; y < 12; y++) {
      for (int x = 0; x < 16; x++) {
        image.setRgb(x, y, ((x * 16) << 16) | ((y * 20) << 8) | (index * 20));
        labels[y * 16 + x] = (byte) ((x * y) % 5);
      }
    }
    return new LabeledImage(image, new Mask(16, 12, labels));
  }

  /** Notes what it is asked for. */
  private static final class Noting implements SegmentationDataset {
    final Semaphore asked = new Semaphore(0);

    @Override
    public int size() {
      return 5;
    }

    @Override
    public LabeledImage get(int index) {
      asked.release();
      return image(index);
    }
  }

  private static List<List<Integer>> steps(int threads, int firstStep, int count) {
    List<List<Integer>> steps = new ArrayList<>();
    try (CropLoader loader = new CropLoader(new Noting(), CROPS, 1, 3, threads, firstStep)) {
      for (int i = 0; i < count; i++) {
        List<Integer> step = new ArrayList<>();
        for (Crop crop : loader.next()) {
          for (byte value : crop.planes()) {
            step.add((int) value);
          }
          for (byte label : crop.labels()) {
            step.add((int) label);
          }
        }
        steps.add(step);
      }
    }
    return steps;
  }

  @Test
  void givesTheSameCropsForAnyNumberOfThreads() {
    assertThat(steps(4, 0, 6)).isEqualTo(steps(1, 0, 6));
  }

  @Test
  void goesOnAtAnyStepAsIfItHadBegunBefore() {
    assertThat(steps(2, 4, 2)).isEqualTo(steps(2, 0, 6).subList(4, 6));
  }

  @Test
  void worksAheadOfTheStepsButNotFar() throws Exception {
    Noting dataset = new Noting();
    try (CropLoader loader = new CropLoader(dataset, CROPS, 1, 3, 2, 0)) {
      var unused = loader.next();

      // Those of this step and of the next, and no more until it is asked for.
      assertThat(dataset.asked.tryAcquire(6, 10, TimeUnit.SECONDS)).isTrue();
      assertThat(dataset.asked.tryAcquire(50, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  @Test
  void passesOnWhatADataSetComplainsOf() {
    SegmentationDataset broken =
        new SegmentationDataset() {
          @Override
          public int size() {
            return 1;
          }

          @Override
          public LabeledImage get(int index) {
            throw new IllegalStateException("street-17.png is no image");
          }
        };
    try (CropLoader loader = new CropLoader(broken, CROPS, 1, 2, 1, 0)) {
      assertThatThrownBy(loader::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("street-17.png is no image");
    }
  }
}
