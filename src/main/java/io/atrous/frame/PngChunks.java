package io.atrous.frame;

import io.atrous.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Reads a PNG's size from its chunks alone (ISO/IEC 15948). Their checksums show whether it is
 * complete and undamaged before libpng reads it, which would print its errors to standard error.
 */
final class PngChunks {

  private static final long SIGNATURE = 0x89504E470D0A1A0AL;
  static final int IHDR = 0x49484452;
  static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  static final int PLTE = 0x504C5445;
  private static final int EXIF = 0x65584966;
  private static final int TRNS = 0x74524E53;

  /** The type and the checksum of the last chunk. */
  private static final long END = 0x49454E44AE426082L;

  /** The bit that is set in the types of chunks that a decoder may skip. */
  private static final int ANCILLARY = 0x20000000;

  /** The bytes that an encoder may pack beyond its image; some pack a few more. */
  private static final int SLACK_BYTES = 1 << 16;

  /** The bytes before a chunk's data: its length and its type. */
  private static final int PREFIX_BYTES = 8;

  private static final int CHECKSUM_BYTES = 4;
  private static final int HEADER_BYTES = 13;

  /** The bytes by which a copy may be longer: an end that was missing. */
  static final int ADDED_BYTES = 2 * (PREFIX_BYTES + CHECKSUM_BYTES);

  /**
   * A chunk, or what is there of it where the payload ends.
   *
   * @param data part of its data that is there
   * @param end the position after it; beyond the payload if it is not whole
   */
  private record Chunk(int type, ByteBuffer data, long end) {}

  private PngChunks() {}

  static boolean begins(ByteBuffer payload) {
    return payload.remaining() >= Long.BYTES && bigEndian(payload).getLong(0) == SIGNATURE;
  }

  /** Returns the claimed size of a payload that {@link #begins} as a PNG. */
  static ImageSize read(ByteBuffer payload) throws FrameRejectedException {
    ByteBuffer png = bigEndian(payload);
    Chunk header = chunk(png, Long.BYTES);
    if (header == null || header.end > png.limit()) {
      throw new FrameRejectedException(Reason.UNDECODABLE_IMAGE, "the PNG ends before its pixels");
    }
    if (header.type != IHDR || header.data.limit() < HEADER_BYTES) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG does not begin with its header chunk");
    }
    Chunk chunk = header;
    while (chunk != null && chunk.end <= png.limit()) {
      if (checksum(chunk) != png.getInt((int) chunk.end - CHECKSUM_BYTES)) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the PNG is damaged: a chunk's checksum is wrong");
      }
      chunk = chunk.type == IEND ? null : chunk(png, (int) chunk.end);
    }
    if (chunk != null && png.getLong(png.limit() - Long.BYTES) == END) {
      throw new FrameRejectedException(
          Reason.UNDECODABLE_IMAGE, "the PNG is damaged: a chunk's length is wrong");
    }
    return PngLayout.of(header.data).size();
  }

  /**
   * Returns the data of the chunks of a type, in their order, of a payload that {@link #read} has
   * accepted; the last chunk's may be cut off.
   */
  static List<ByteBuffer> data(ByteBuffer payload, int type) {
    ByteBuffer png = bigEndian(payload);
    List<ByteBuffer> found = new ArrayList<>();
    Chunk chunk = chunk(png, Long.BYTES);
    while (chunk != null && chunk.type != IEND) {
      if (chunk.type == type) {
        found.add(chunk.data);
      }
      chunk = chunk.end <= png.limit() ? chunk(png, (int) chunk.end) : null;
    }
    return found;
  }

  /**
   * Returns the orientation that the EXIF chunk of a payload states which {@link #read} has
   * accepted; normal if there is none.
   */
  static Orientation orientation(ByteBuffer payload) {
    ByteBuffer png = bigEndian(payload);
    Chunk chunk = chunk(png, Long.BYTES);
    while (chunk != null && chunk.end <= png.limit() && chunk.type != IEND) {
      if (chunk.type == EXIF) {
        return ExifOrientation.read(chunk.data);
      }
      chunk = chunk(png, (int) chunk.end);
    }
    return Orientation.TOP_LEFT;
  }

  /**
   * Copies the chunks that make the picture, without texts, profiles and animations: libpng unpacks
   * those, if only to discard them, and a small payload may hold gigabytes of them. An end that is
   * missing is added.
   *
   * @param payload a PNG that {@link #read} has accepted
   * @param target a buffer with room for the whole payload and {@link #ADDED_BYTES}
   * @throws FrameRejectedException if less is packed in it than an image of its size needs, or
   *     more: libpng would unpack it to its end
   */
  static void copyPicture(ByteBuffer payload, ByteBuffer target) throws FrameRejectedException {
    ByteBuffer png = bigEndian(payload);
    target.put(png.slice(0, Long.BYTES));
    Inflater inflater = new Inflater();
    try {
      byte[] unpacked = new byte[SLACK_BYTES];
      PngLayout layout = PngLayout.of(png.slice(Long.BYTES + PREFIX_BYTES, HEADER_BYTES));
      long pixelBytes = 0;
      Chunk chunk = chunk(png, Long.BYTES);
      while (chunk != null && chunk.type != IEND) {
        if (chunk.type == IDAT) {
          long leftBytes = layout.bytes() + SLACK_BYTES - pixelBytes;
          pixelBytes += unpack(inflater, chunk.data.duplicate(), unpacked, leftBytes);
        }
        boolean whole = chunk.end <= png.limit();
        if (isOfPicture(chunk.type, whole)) {
          put(chunk, target);
        }
        chunk = whole ? chunk(png, (int) chunk.end) : null;
      }
      if (pixelBytes < layout.bytes()) {
        throw new FrameRejectedException(
            Reason.UNDECODABLE_IMAGE, "the PNG is incomplete: " + layout.share(pixelBytes));
      }
      put(new Chunk(IEND, ByteBuffer.allocate(0), 0), target);
    } finally {
      inflater.end();
    }
  }

  /** Returns the chunk that begins there, or null if not even its length and type are there. */
  private static @Nullable Chunk chunk(ByteBuffer png, int at) {
    int leftBytes = png.limit() - at - PREFIX_BYTES;
    if (leftBytes < 0) {
      return null;
    }
    long dataBytes = Integer.toUnsignedLong(png.getInt(at));
    return new Chunk(
        png.getInt(at + Integer.BYTES),
        png.slice(at + PREFIX_BYTES, (int) Math.min(dataBytes, leftBytes)),
        at + PREFIX_BYTES + dataBytes + CHECKSUM_BYTES);
  }

  private static boolean isOfPicture(int type, boolean whole) {
    return whole ? (type & ANCILLARY) == 0 || type == TRNS : type == IDAT;
  }

  private static void put(Chunk chunk, ByteBuffer target) {
    target.putInt(chunk.data.limit()).putInt(chunk.type).put(chunk.data.duplicate());
    target.putInt(checksum(chunk));
  }

  private static int checksum(Chunk chunk) {
    CRC32 checksum = new CRC32();
    checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, chunk.type));
    checksum.update(chunk.data.duplicate());
    return (int) checksum.getValue();
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

  private static ByteBuffer bigEndian(ByteBuffer payload) {
    return payload.slice().order(ByteOrder.BIG_ENDIAN);
  }
}
