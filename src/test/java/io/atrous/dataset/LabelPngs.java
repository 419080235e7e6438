package io.atrous.dataset;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Label images in files, for tests. */
public final class LabelPngs {

  private LabelPngs() {}

  /** Writes 8-bit grey. */
  public static Path grey(Path file, int width, int height, int... values) throws IOException {
    return write(file, "png", image(BufferedImage.TYPE_BYTE_GRAY, null, width, height, values));
  }

  /** Writes 16-bit grey. */
  public static Path grey16(Path file, int width, int height, int... values) throws IOException {
    return write(file, "png", image(BufferedImage.TYPE_USHORT_GRAY, null, width, height, values));
  }

  /** Writes indices of a palette. */
  public static Path palette(Path file, int[] rgb, int width, int height, int... values)
      throws IOException {
    IndexColorModel colours =
        new IndexColorModel(8, rgb.length, rgb, 0, false, -1, DataBuffer.TYPE_BYTE);
    return write(
        file, "png", image(BufferedImage.TYPE_BYTE_INDEXED, colours, width, height, values));
  }

  /** Writes colours, 0xRRGGBB. */
  public static Path colours(Path file, int width, int height, int... rgb) throws IOException {
    return write(file, "png", coloured(width, height, rgb));
  }

  /** Writes a JPEG of one colour. */
  public static Path jpeg(Path file, int width, int height) throws IOException {
    return write(file, "jpg", coloured(width, height, new int[width * height]));
  }

  private static BufferedImage coloured(int width, int height, int... rgb) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, width, height, rgb, 0, width);
    return image;
  }

  private static BufferedImage image(
      int type, @Nullable IndexColorModel colours, int width, int height, int... values) {
    BufferedImage image =
        colours == null
            ? new BufferedImage(width, height, type)
            : new BufferedImage(width, height, type, colours);
    image.getRaster().setSamples(0, 0, width, height, 0, values);
    return image;
  }

  private static Path write(Path file, String format, BufferedImage image) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    if (!ImageIO.write(image, format, file.toFile())) {
      throw new IOException("no writer for " + format);
    }
    return file;
  }
}
