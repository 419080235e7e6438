package io.atrous.training;

import io.atrous.dataset.LabeledImage;
import io.atrous.frame.RgbImage;

/**
 * A sample as the network takes it, but for the normalisation.
 *
 * @param planes uint8 [3, height, width], RGB
 * @param labels uint8 [height, width], class indices, 255 = ignore
 */
@SuppressWarnings("ArrayRecordComponent")
record Crop(int height, int width, byte[] planes, byte[] labels) {

  /** Copies an image's pixels, plane by plane. */
  static Crop of(LabeledImage image) {
    int plane = image.image().width() * image.image().height();
    byte[] pixels = new byte[plane * RgbImage.CHANNELS];
    image.image().pixels().get(0, pixels);
    byte[] planes = new byte[pixels.length];
    for (int at = 0; at < plane; at++) {
      for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
        planes[channel * plane + at] = pixels[at * RgbImage.CHANNELS + channel];
      }
    }
    return new Crop(image.image().height(), image.image().width(), planes, image.labels().values());
  }
}
