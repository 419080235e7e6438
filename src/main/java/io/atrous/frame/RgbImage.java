package io.atrous.frame;

import java.nio.ByteBuffer;

/**
 * An image: uint8 [height, width, 3], row-major from the top left, channels red, green, blue.
 *
 * <p><b>Threading:</b> immutable by contract once published; its maker documents how long its
 * memory stays valid.
 *
 * @param pixels a direct buffer of exactly {@code height * width * 3} bytes from position 0
 */
public record RgbImage(int width, int height, ByteBuffer pixels) {

  public static final int CHANNELS = 3;

  public RgbImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("impossible image size " + width + "x" + height);
    }
    if (!pixels.isDirect() || pixels.capacity() != Math.multiplyExact(width * height, CHANNELS)) {
      throw new IllegalArgumentException("pixels must be a direct buffer of height * width * 3");
    }
  }

  /** Allocates a black image in memory of its own, valid as long as it is reachable. */
  public static RgbImage allocate(int width, int height) {
    return new RgbImage(
        width, height, ByteBuffer.allocateDirect(Math.multiplyExact(width * height, CHANNELS)));
  }

  /** Returns a pixel's colour as 0xRRGGBB. */
  public int rgb(int x, int y) {
    int at = (y * width + x) * CHANNELS;
    return (pixels.get(at) & 0xFF) << 16
        | (pixels.get(at + 1) & 0xFF) << 8
        | (pixels.get(at + 2) & 0xFF);
  }

  /** Sets a pixel's colour, 0xRRGGBB; only for the maker of the image, before it is published. */
  public void setRgb(int x, int y, int rgb) {
    int at = (y * width + x) * CHANNELS;
    pixels.put(at, (byte) (rgb >> 16));
    pixels.put(at + 1, (byte) (rgb >> 8));
    pixels.put(at + 2, (byte) rgb);
  }
}
