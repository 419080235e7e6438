package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a PNG's size from its chunks alone (ISO/IEC 15948). Their checksums show whether it is
 * complete and undamaged before libpng reads it, which would print its errors to standard error.
 */
final class PngChunks {

  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int IHDR = 0x49484452;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int TRNS = 0x74524E53;

  /** The bit that is set in the types of chunks that a decoder may skip. */
  private static final int ANCILLARY = 0x20000000;

  /** The bytes that an encoder may pack beyond its image; some pack a few more. */
  private static final int SLACK_BYTES = 1 << 16;

  /** The bytes around a chunk's data: length, type and checksum, four bytes each. */
  private static final int FRAMING_BYTES = 12;

  private PngChunks() {}

  static boolean begins(ByteBuffer payload) {
    return payload.remaining() >= Long.BYTES && bigEndian(payload).getLong(0) == SIGNATURE;
  }

  /** Returns the claimed size of a payload that {@link #begins} as a PNG. */
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

  /**
   * Copies the chunks that make the picture, without texts, profiles and animations: libpng unpacks
   * those, if only to discard them, and a small payload may hold gigabytes of them.
   *
   * @param payload a PNG that {@link #read} has accepted
   * @param target a buffer with room for the whole payload
   * @throws FrameRejectedException if more is packed in it than an image of its size needs: libpng
   *     would unpack it to its end
   */
  static void copyPicture(ByteBuffer payload, ByteBuffer target) throws FrameRejectedException {
    ByteBuffer png = bigEndian(payload);
    target.put(png.slice(0, Long.BYTES));
    Inflater inflater = new Inflater();
    try {
      byte[] unpacked = new byte[SLACK_BYTES];
      long leftBytes = SLACK_BYTES;
      for (int at = Long.BYTES, type = 0; type != IEND; ) {
        int dataBytes = png.getInt(at);
        type = png.getInt(at + 4);
        if (type == IHDR) {
          leftBytes += unpackedBytes(png, at + 8);
        } else if (type == IDAT) {
          leftBytes -= unpack(inflater, png.slice(at + 8, dataBytes), unpacked, leftBytes);
        }
        if ((type & ANCILLARY) == 0 || type == TRNS) {
          target.put(png.slice(at, FRAMING_BYTES + dataBytes));
        }
        at += FRAMING_BYTES + dataBytes;
      }
    } finally {
      inflater.end();
    }
  }

  /**
   * Unpacks a chunk and returns the number of bytes, at most a little more than {@code leftBytes}.
   */
  private static long unpack(Inflater inflater, ByteBuffer data, byte[] unpacked, long leftBytes)
      throws FrameRejectedException {
    inflater.setInput(data);
    long bytes = 0;
    try {
      while (!inflater.finished() && !inflater.needsInput() && !inflater.needsDictionary()) {
        bytes += inflater.inflate(unpacked);
        if (bytes > leftBytes) {
          throw new FrameRejectedException(
              Reason.UNDECODABLE_IMAGE, "the PNG packs more than an image of its size needs");
        }
      }
    } catch (DataFormatException e) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG is damaged: its pixels can't be unpacked", e);
    }
    return bytes;
  }

  /**
   * Returns the unpacked bytes of an image by its header: its pixels, and a byte before each row.
   */
  private static long unpackedBytes(ByteBuffer png, int header) {
    long width = Integer.toUnsignedLong(png.getInt(header));
    long height = Integer.toUnsignedLong(png.getInt(header + 4));
    int samples =
        switch (png.get(header + 9)) {
          case 0, 3 -> 1;
          case 4 -> 2;
          case 2 -> 3;
          default -> 4;
        };
    long pixelBits = (long) samples * (png.get(header + 8) & 0xFF);
    // Interlaced rows are halved and quartered: at most four bytes more for every row.
    return height * ((width * pixelBits + 7) / 8 + 5);
  }

  private static ByteBuffer bigEndian(ByteBuffer payload) {
    return payload.slice().order(ByteOrder.BIG_ENDIAN);
  }
}
