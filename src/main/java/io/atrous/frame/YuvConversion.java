package io.atrous.frame;

import java.nio.ByteBuffer;

/**
 * Turns luma and chroma of 8 bits into RGB, each pixel with the chroma that it shares with its
 * neighbours (ITU-R BT.601 and BT.709). Luma below black is black.
 *
 * <p><b>Threading:</b> immutable.
 */
final class YuvConversion {

  private static final int VALUES = 256;
  private static final int MIDDLE = 128;

  /** The binary digits after the point of all sums. */
  private static final int FRACTION_BITS = 16;

  private final int[] luma = new int[VALUES];
  private final int[] redOfV = new int[VALUES];
  private final int[] greenOfU = new int[VALUES];
  private final int[] greenOfV = new int[VALUES];
  private final int[] blueOfU = new int[VALUES];

  YuvConversion(YuvColour colour) {
    ColourRange range = colour.range();
    ColourMatrix matrix = colour.matrix();
    double lumaScale = 255.0 / range.lumaSteps();
    double chromaScale = 255.0 / range.chromaSteps();
    double red = 2 * (1 - matrix.red()) * chromaScale;
    double blue = 2 * (1 - matrix.blue()) * chromaScale;
    for (int value = 0; value < VALUES; value++) {
      int chroma = value - MIDDLE;
      // Half a level more, so that cutting the fraction off rounds.
      luma[value] = fixed(Math.max(0, value - range.black()) * lumaScale + 0.5);
      redOfV[value] = fixed(red * chroma);
      greenOfV[value] = fixed(-red * chroma * matrix.red() / matrix.green());
      greenOfU[value] = fixed(-blue * chroma * matrix.blue() / matrix.green());
      blueOfU[value] = fixed(blue * chroma);
    }
  }

  /**
   * Converts a frame.
   *
   * @param frame the frame's bytes, from position 0; only read
   */
  void convert(ByteBuffer frame, YuvLayout layout, RgbImage image) {
    byte[] row = new byte[image.width() * RgbImage.CHANNELS];
    for (int y = 0; y < image.height(); y++) {
      int lumaAt = layout.luma().row(y);
      int uAt = layout.u().row(y / layout.rowsPerChroma());
      int vAt = layout.v().row(y / layout.rowsPerChroma());
      for (int at = 0; at < row.length; at += 2 * RgbImage.CHANNELS) {
        int u = Byte.toUnsignedInt(frame.get(uAt));
        int v = Byte.toUnsignedInt(frame.get(vAt));
        int red = redOfV[v];
        int green = greenOfU[u] + greenOfV[v];
        int blue = blueOfU[u];
        put(row, at, luma[Byte.toUnsignedInt(frame.get(lumaAt))], red, green, blue);
        lumaAt += layout.luma().step();
        put(
            row,
            at + RgbImage.CHANNELS,
            luma[Byte.toUnsignedInt(frame.get(lumaAt))],
            red,
            green,
            blue);
        lumaAt += layout.luma().step();
        uAt += layout.u().step();
        vAt += layout.v().step();
      }
      image.pixels().put(y * row.length, row);
    }
  }

  private static void put(byte[] row, int at, int luma, int red, int green, int blue) {
    row[at] = level(luma + red);
    row[at + 1] = level(luma + green);
    row[at + 2] = level(luma + blue);
  }

  private static byte level(int fixed) {
    return (byte) Math.max(0, Math.min(VALUES - 1, fixed >> FRACTION_BITS));
  }

  private static int fixed(double value) {
    return (int) Math.round(value * (1 << FRACTION_BITS));
  }
}
