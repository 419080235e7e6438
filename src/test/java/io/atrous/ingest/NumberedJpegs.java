package io.atrous.ingest;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** Small JPEGs, each of which says its number in a comment. */
final class NumberedJpegs {

  private static final int START_BYTES = 2;
  private static final byte[] PLAIN = plain();

  private NumberedJpegs() {}

  private static byte[] plain() {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        image.setRGB(x, y, new Color(4 * x, 5 * y, (x * y) % 256).getRGB());
      }
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "jpg", jpeg);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return jpeg.toByteArray();
  }

  /** Makes a picture with its number between its start and all else. */
  static byte[] jpeg(int number) {
    return ByteBuffer.allocate(PLAIN.length + 8)
        .put(PLAIN, 0, START_BYTES)
        .putShort((short) 0xFFFE)
        .putShort((short) 6)
        .putInt(number)
        .put(PLAIN, START_BYTES, PLAIN.length - START_BYTES)
        .array();
  }

  /** Returns a picture's number; -1 if it is none of these, to the last byte. */
  static int number(byte[] jpeg) {
    if (jpeg.length != PLAIN.length + 8) {
      return -1;
    }
    int number = ByteBuffer.wrap(jpeg).getInt(START_BYTES + 4);
    return Arrays.equals(jpeg, jpeg(number)) ? number : -1;
  }
}
