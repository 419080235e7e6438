package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * What a PNG claims, read from its chunks alone; their checksums tell whether it is complete and
 * unharmed before libpng sees it, which would print its complaints to the standard error.
 */
final class PngChunks {

  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int IHDR = 0x49484452;
  private static final int IEND = 0x49454E44;

  /** Length, type and checksum around a chunk's data, four bytes each. */
  private static final int FRAMING_BYTES = 12;

  private PngChunks() {}

  static boolean begins(ByteBuffer payload) {
    return payload.remaining() >= Long.BYTES && bigEndian(payload).getLong(0) == SIGNATURE;
  }

  /** The claimed size of a payload that {@link #begins} as a PNG. */
  static ImageSize read(ByteBuffer payload) throws FrameRejectedException {
    ByteBuffer png = bigEndian(payload).position(Long.BYTES);
    ImageSize size = null;
    while (png.remaining() >= FRAMING_BYTES) {
      int start = png.position();
      int dataBytes = png.getInt(start);
      int type = png.getInt(start + 4);
      if (dataBytes < 0 || dataBytes > png.remaining() - FRAMING_BYTES) {
        break;
      }
      if (size == null) {
        if (type != IHDR || dataBytes < 13) {
          throw new FrameRejectedException(
              Reason.UNDECODABLE_IMAGE, "the PNG does not begin with its header chunk");
        }
        size =
            new ImageSize(
                Integer.toUnsignedLong(png.getInt(start + 8)),
                Integer.toUnsignedLong(png.getInt(start + 12)));
      }
      CRC32 checksum = new CRC32();
      checksum.update(png.slice(start + 4, dataBytes + 4));
      if ((int) checksum.getValue() != png.getInt(start + 8 + dataBytes)) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the PNG is damaged: a chunk's checksum is wrong");
      }
      if (type == IEND) {
        return size;
      }
      png.position(start + FRAMING_BYTES + dataBytes);
    }
    throw new FrameRejectedException(
        Reason.UNDECODABLE_IMAGE, "the PNG ends before its last chunk");
  }

  private static ByteBuffer bigEndian(ByteBuffer payload) {
    return payload.slice().order(ByteOrder.BIG_ENDIAN);
  }
}
