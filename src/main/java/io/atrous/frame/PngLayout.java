package io.atrous.frame;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * How many bytes a PNG's pixels take, by its header (ISO/IEC 15948, 11.2.2): each row, and each
 * part of one in an interlaced picture, has a byte before it.
 */
record PngLayout(ImageSize size, int pixelBits, boolean interlaced) {

  /**
   * A part of a picture that is stored by itself.
   *
   * @param column its first column
   * @param row its first row
   * @param across its step from column to column
   * @param down its step from row to row
   */
  record Pass(int column, int row, int across, int down) {

    /** Returns the number of its columns in a picture of that width. */
    long columns(long width) {
      return steps(width - column, across);
    }

    /** Returns the number of its rows in a picture of that height. */
    long rows(long height) {
      return steps(height - row, down);
    }

    private static long steps(long length, int step) {
      return length <= 0 ? 0 : (length + step - 1) / step;
    }
  }

  private static final List<Pass> WHOLE = List.of(new Pass(0, 0, 1, 1));

  private static final List<Pass> ADAM7 =
      List.of(
          new Pass(0, 0, 8, 8),
          new Pass(4, 0, 8, 8),
          new Pass(0, 4, 4, 8),
          new Pass(2, 0, 4, 4),
          new Pass(0, 2, 2, 4),
          new Pass(1, 0, 2, 2),
          new Pass(0, 1, 1, 2));

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
    long bytes = 0;
    for (Pass pass : passes()) {
      long columns = pass.columns(size.width());
      bytes += columns == 0 ? 0 : pass.rows(size.height()) * rowBytes(columns);
    }
    return bytes;
  }

  /** Returns the parts of the picture in the order in which they are stored. */
  List<Pass> passes() {
    return interlaced ? ADAM7 : WHOLE;
  }

  /** Returns in words how much of the picture that many bytes are. */
  String share(long bytes) {
    return interlaced
        ? "%d of the %d bytes of its pixels are there".formatted(bytes, bytes())
        : "%d of its %d rows are there".formatted(bytes / rowBytes(size.width()), size.height());
  }

  /** Returns the bytes of a stored row, the one before it included. */
  long rowBytes(long columns) {
    return 1 + (columns * pixelBits + 7) / 8;
  }
}
