package io.atrous.mask;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes PNG's signature and chunks.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class PngChunkWriter {

  static final long SIGNATURE = 0x89504E470D0A1A0AL;

  /** Length, type and checksum around a chunk's data, four bytes each. */
  static final int FRAMING_BYTES = 12;

  private final List<Chunk> chunks = new ArrayList<>();

  @SuppressWarnings("ArrayRecordComponent")
  private record Chunk(int type, byte[] data) {}

  /** Adds a chunk. */
  PngChunkWriter add(int type, byte[] data) {
    chunks.add(new Chunk(type, data));
    return this;
  }

  /** Returns the whole file. */
  byte[] toBytes() {
    int dataBytes = chunks.stream().mapToInt(chunk -> chunk.data.length + FRAMING_BYTES).sum();
    byte[] png = new byte[Long.BYTES + dataBytes];
    ByteBuffer file = ByteBuffer.wrap(png).putLong(SIGNATURE);
    for (Chunk chunk : chunks) {
      file.putInt(chunk.data.length);
      ByteBuffer checked = file.slice().limit(Integer.BYTES + chunk.data.length);
      file.putInt(chunk.type).put(chunk.data).putInt(checksum(checked));
    }
    return png;
  }

  /** Returns the checksum of a chunk's type and data. */
  static int checksum(ByteBuffer typeAndData) {
    CRC32 checksum = new CRC32();
    checksum.update(typeAndData);
    return (int) checksum.getValue();
  }
}
