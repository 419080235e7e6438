package io.atrous.evaluation;

import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.nio.ByteBuffer;

/** Parts and mirror images of pictures and masks. */
final class Pictures {

  private Pictures() {}

  /** Returns a part of a picture, in memory of its own. */
  static RgbImage part(RgbImage picture, int left, int top, int width, int height) {
    RgbImage part = RgbImage.allocate(width, height);
    int rowBytes = width * RgbImage.CHANNELS;
    for (int row = 0; row < height; row++) {
      int from = ((top + row) * picture.width() + left) * RgbImage.CHANNELS;
      part.pixels().put(row * rowBytes, picture.pixels(), from, rowBytes);
    }
    return part;
  }

  /** Returns a part of a mask. */
  static Mask part(Mask mask, int left, int top, int width, int height) {
    byte[] part = new byte[width * height];
    for (int row = 0; row < height; row++) {
      System.arraycopy(mask.values(), (top + row) * mask.width() + left, part, row * width, width);
    }
    return new Mask(width, height, part);
  }

  /** Returns a picture with left and right exchanged, in memory of its own. */
  static RgbImage mirrored(RgbImage picture) {
    RgbImage mirrored = RgbImage.allocate(picture.width(), picture.height());
    ByteBuffer from = picture.pixels();
    for (int y = 0; y < picture.height(); y++) {
      int row = y * picture.width();
      for (int x = 0; x < picture.width(); x++) {
        mirrored
            .pixels()
            .put(
                (row + picture.width() - 1 - x) * RgbImage.CHANNELS,
                from,
                (row + x) * RgbImage.CHANNELS,
                RgbImage.CHANNELS);
      }
    }
    return mirrored;
  }
}
