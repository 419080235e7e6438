package io.atrous.frame;

import java.nio.ByteBuffer;

/**
 * How many bytes a PNG's pixels take, by its header (ISO/IEC 15948, 11.2.2): each row, and each
 * part of one in an interlaced picture, has a byte before it.
 */
record PngLayout(ImageSize size, int pixelBits, boolean interlaced) {

  /** For each pass of Adam7 its first column and row, and its steps across and down. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  /** Reads the data of a header chunk. */
  static PngLayout of(ByteBuffer header) {
    int samples =
        switch (header.get(9)) {
          case 0, 3 -> 1;
          case 4 -> 2;
          case 2 -> 3;
          default -> 4;
        };
    return new PngLayout(
        new ImageSize(
            Integer.toUnsignedLong(header.getInt(0)), Integer.toUnsignedLong(header.getInt(4))),
        samples * Byte.toUnsignedInt(header.get(8)),
        header.get(12) != 0);
  }

  /** Returns the bytes of all pixels. */
  long bytes() {
    if (!interlaced) {
      return size.height() * rowBytes(size.width());
    }
    long bytes = 0;
    for (int[] pass : PASSES) {
      long columns = steps(size.width() - pass[0], pass[2]);
      long rows = steps(size.height() - pass[1], pass[3]);
      bytes += columns == 0 ? 0 : rows * rowBytes(columns);
    }
    return bytes;
  }

  /** Returns in words how much of the picture that many bytes are. */
  String share(long bytes) {
    return interlaced
        ? "%d of the %d bytes of its pixels are there".formatted(bytes, bytes())
        : "%d of its %d rows are there".formatted(bytes / rowBytes(size.width()), size.height());
  }

  private long rowBytes(long columns) {
    return 1 + (columns * pixelBits + 7) / 8;
  }

  private static long steps(long length, int step) {
    return length <= 0 ? 0 : (length + step - 1) / step;
  }
}
