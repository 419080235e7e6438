package io.atrous.frame;

import java.util.Random;

/** Images for tests. */
final class Pictures {

  private Pictures() {}

  /** Every byte at random. */
  static RgbImage noise(int width, int height, Random random) {
    RgbImage image = RgbImage.allocate(width, height);
    byte[] bytes = new byte[width * height * RgbImage.CHANNELS];
    random.nextBytes(bytes);
    image.pixels().duplicate().put(bytes);
    return image;
  }

  /** A colour gradient, which JPEG keeps within a few grey levels. */
  static RgbImage gradient(int width, int height) {
    RgbImage image = RgbImage.allocate(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int red = 255 * x / width;
        int green = 255 * y / height;
        image.setRgb(x, y, red << 16 | green << 8 | (255 - red));
      }
    }
    return image;
  }

  /** One colour with a rectangle of another; its ends are exclusive. */
  static RgbImage rectangle(
      int width, int height, int ground, int colour, int left, int top, int right, int bottom) {
    RgbImage image = RgbImage.allocate(width, height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean inside = x >= left && x < right && y >= top && y < bottom;
        image.setRgb(x, y, inside ? colour : ground);
      }
    }
    return image;
  }

  static byte[] bytes(RgbImage image) {
    byte[] bytes = new byte[image.pixels().capacity()];
    image.pixels().get(0, bytes);
    return bytes;
  }

  /** The largest difference of any channel of any pixel. */
  static int largestDifference(RgbImage a, RgbImage b) {
    int largest = 0;
    for (int at = 0; at < a.pixels().capacity(); at++) {
      largest =
          Math.max(largest, Math.abs((a.pixels().get(at) & 0xFF) - (b.pixels().get(at) & 0xFF)));
    }
    return largest;
  }
}
