package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.SplittableHash;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AugmentationTest {

  /** 24x16: black and class 0 left of the middle, white and class 1 right of it. */
  private static LabeledImage halves() {
    RgbImage image = RgbImage.allocate(24, 16);
    byte[] labels = new byte[24 * 16];
    for (int y = 0; y < 16; y++) {
      for (int x = 12; x < 24; x++) {
        image.setRgb(x, y, 0xFFFFFF);
        labels[y * 24 + x] = 1;
      }
    }
    return new LabeledImage(image, new Mask(24, 16, labels));
  }

  @Test
  void keepsEachPixelWithItsLabel() {
    Augmentation augmentation = new Augmentation(8, 12, 0.7, 1.4);
    int seen = 0;
    for (int i = 0; i < 200; i++) {
      LabeledImage crop = augmentation.apply(halves(), SplittableHash.of(1).child(i));
      for (int y = 0; y < 8; y++) {
        for (int x = 1; x < 11; x++) {
          int label = crop.labels().get(x, y);
          boolean edge =
              label != crop.labels().get(x - 1, y) || label != crop.labels().get(x + 1, y);
          if (label != 255 && !edge) {
            // Light, contrast and JPEG move black and white, but not past each other.
            int green = crop.image().rgb(x, y) >> 8 & 0xFF;
            assertThat(green >= 128).as("crop %d at %d,%d", i, x, y).isEqualTo(label == 1);
            seen++;
          }
        }
      }
    }
    assertThat(seen).isGreaterThan(5000);
  }

  @Test
  void ignoresWhatLiesBeyondTheImage() {
    // At half size the image is 12x8 in a crop of 16x16.
    LabeledImage crop = new Augmentation(16, 16, 0.5, 0.5).apply(halves(), SplittableHash.of(1));

    int ignored = 0;
    for (byte label : crop.labels().values()) {
      ignored += label == (byte) 255 ? 1 : 0;
    }
    assertThat(ignored).isEqualTo(16 * 16 - 12 * 8);
  }

  @Test
  void isTheSameForTheSameChanceAndDiffersOtherwise() {
    Augmentation augmentation = new Augmentation(8, 12, 0.7, 1.4);
    Set<Object> crops = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      SplittableHash chance = SplittableHash.of(2).child(i);
      RgbImage once = copy(augmentation.apply(halves(), chance).image());
      RgbImage again = augmentation.apply(halves(), chance).image();
      assertThat(again.pixels()).isEqualTo(once.pixels());
      crops.add(once.pixels());
    }
    assertThat(crops).hasSize(20);
  }

  private static RgbImage copy(RgbImage image) {
    RgbImage copy = RgbImage.allocate(image.width(), image.height());
    copy.pixels().put(0, image.pixels(), 0, image.pixels().capacity());
    return copy;
  }
}
