package io.atrous.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the orientation from the EXIF data of a picture: a TIFF file whose first directory has it
 * as an entry (CIPA DC-008). Data that is damaged says nothing.
 */
final class ExifOrientation {

  private static final int TAG = 0x0112;
  private static final int HEADER_BYTES = 8;
  private static final int ENTRY_BYTES = 12;
  private static final short LITTLE_ENDIAN = 0x4949;
  private static final short BIG_ENDIAN = 0x4D4D;
  private static final short MAGIC = 42;
  private static final int BYTE = 1;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private ExifOrientation() {}

  /**
   * Reads an orientation.
   *
   * @param tiff the EXIF data from its byte order on; only read
   */
  static Orientation read(ByteBuffer tiff) {
    ByteBuffer data = tiff.slice();
    if (data.limit() < HEADER_BYTES) {
      return Orientation.TOP_LEFT;
    }
    short order = data.getShort(0);
    if (order == LITTLE_ENDIAN) {
      data.order(ByteOrder.LITTLE_ENDIAN);
    } else if (order != BIG_ENDIAN) {
      return Orientation.TOP_LEFT;
    }
    long directory = Integer.toUnsignedLong(data.getInt(4));
    if (data.getShort(2) != MAGIC || directory > data.limit() - Short.BYTES) {
      return Orientation.TOP_LEFT;
    }
    int entries = Short.toUnsignedInt(data.getShort((int) directory));
    int at = (int) directory + Short.BYTES;
    for (int i = 0; i < entries && at <= data.limit() - ENTRY_BYTES; i++, at += ENTRY_BYTES) {
      if (Short.toUnsignedInt(data.getShort(at)) == TAG) {
        return Orientation.numbered(value(data, at));
      }
    }
    return Orientation.TOP_LEFT;
  }

  /** Returns the value of an entry: a whole number, of whatever size; 0 if it is none. */
  private static long value(ByteBuffer data, int entry) {
    int valueAt = entry + HEADER_BYTES;
    return switch (data.getShort(entry + Short.BYTES)) {
      case BYTE -> Byte.toUnsignedLong(data.get(valueAt));
      case SHORT -> Short.toUnsignedLong(data.getShort(valueAt));
      case LONG -> Integer.toUnsignedLong(data.getInt(valueAt));
      default -> 0;
    };
  }
}
