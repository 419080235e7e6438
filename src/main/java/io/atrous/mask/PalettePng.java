package io.atrous.mask;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * A label map as a PNG with a palette: any viewer of images shows the classes in their colours, and
 * the indices stay what they are.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class PalettePng {

  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504C5445;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;

  /** Bit depth 8, colour type palette, deflate, the five filters, no interlacing. */
  private static final byte[] FORMAT = {8, 3, 0, 0, 0};

  private static final int HEADER_BYTES = 2 * Integer.BYTES + FORMAT.length;
  private static final int COLOURS = 256;

  private PalettePng() {}

  /**
   * Encodes a mask.
   *
   * @param colours 0xRRGGBB of each class; labels beyond them are black
   */
  public static byte[] encode(Mask mask, int[] colours) {
    byte[] header = new byte[HEADER_BYTES];
    ByteBuffer.wrap(header).putInt(mask.width()).putInt(mask.height()).put(FORMAT);
    byte[] palette = new byte[COLOURS * 3];
    for (int i = 0; i < colours.length; i++) {
      palette[3 * i] = (byte) (colours[i] >> 16);
      palette[3 * i + 1] = (byte) (colours[i] >> 8);
      palette[3 * i + 2] = (byte) colours[i];
    }
    // Each row has a byte before it that names its filter: none.
    byte[] rows = new byte[Math.multiplyExact(mask.width() + 1, mask.height())];
    for (int y = 0; y < mask.height(); y++) {
      System.arraycopy(
          mask.values(), y * mask.width(), rows, y * (mask.width() + 1) + 1, mask.width());
    }
    return new PngChunkWriter()
        .add(IHDR, header)
        .add(PLTE, palette)
        .add(IDAT, Zlib.deflate(rows, rows.length, Deflater.DEFAULT_STRATEGY))
        .add(IEND, new byte[0])
        .toBytes();
  }
}
