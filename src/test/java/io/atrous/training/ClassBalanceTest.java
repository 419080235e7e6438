package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassBalanceTest {

  /** Nine pixels of class 0, one of class 1, two to ignore. */
  private static final SegmentationDataset DATASET =
      new SegmentationDataset() {
        @Override
        public int size() {
          return 1;
        }

        @Override
        public LabeledImage get(int index) {
          byte[] labels = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1, -1};
          return new LabeledImage(RgbImage.allocate(12, 1), new Mask(12, 1, labels));
        }
      };

  @Test
  void leavesAllAlikeAtPowerZero() {
    assertThat(ClassBalance.weights(DATASET, 2, 10, 0)).containsExactly(1.0, 1.0);
  }

  @Test
  void givesEachClassTheSameSayAtPowerOne() {
    List<Double> weights = ClassBalance.weights(DATASET, 2, 10, 1);

    assertThat(weights.get(0) * 9).isCloseTo(weights.get(1), within(1e-9));
    assertThat(weights.get(0) * 0.9 + weights.get(1) * 0.1).isCloseTo(1, within(1e-9));
  }
}
