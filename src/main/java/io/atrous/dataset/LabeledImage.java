package io.atrous.dataset;

import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;

/**
 * An image and what each of its pixels is.
 *
 * @param image uint8 [H, W, 3]
 * @param labels uint8 [H, W] of the same size, class indices, 255 = ignore
 */
public record LabeledImage(RgbImage image, Mask labels) {

  public LabeledImage {
    if (image.width() != labels.width() || image.height() != labels.height()) {
      throw new IllegalArgumentException(
          "an image of %dx%d cannot have labels of %dx%d"
              .formatted(image.width(), image.height(), labels.width(), labels.height()));
    }
  }
}
