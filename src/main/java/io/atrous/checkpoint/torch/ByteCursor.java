package io.atrous.checkpoint.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a part of a file from its beginning to its end; numbers are little-endian.
 *
 * <p>Every read throws a {@link io.atrous.model.ModelFileException} if the part ends before, and
 * takes memory only then when it doesn't.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class ByteCursor {

  private static final int BUFFER_BYTES = 8192;

  private final FileBytes file;
  private final long end;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** The position in the file of the buffer's limit. */
  private long bufferEnd;

  ByteCursor(FileBytes file, long begin, long end) {
    if (begin < 0 || end < begin || end > file.size()) {
      throw file.damaged("a part of it lies outside");
    }
    this.file = file;
    this.end = end;
    this.bufferEnd = begin;
  }

  /** Returns the position of the next byte in the file. */
  long position() {
    return bufferEnd - buffer.remaining();
  }

  /** Returns the number of bytes left. */
  public long remaining() {
    return end - position();
  }

  /** The next byte, 0 to 255. */
  int nextByte() {
    fill(Byte.BYTES);
    return Byte.toUnsignedInt(buffer.get());
  }

  /** The next two bytes, 0 to 65535. */
  int nextShort() {
    fill(Short.BYTES);
    return Short.toUnsignedInt(buffer.getShort());
  }

  int nextInt() {
    fill(Integer.BYTES);
    return buffer.getInt();
  }

  /** The next four bytes as a number that is never negative. */
  long nextUnsignedInt() {
    return Integer.toUnsignedLong(nextInt());
  }

  long nextLong() {
    fill(Long.BYTES);
    return buffer.getLong();
  }

  /** The next bytes, an array of the caller's. */
  public byte[] next(int count) {
    if (count > remaining()) {
      throw file.damaged("it ends within what it describes");
    }
    byte[] bytes = new byte[count];
    if (count <= buffer.remaining()) {
      buffer.get(bytes);
    } else {
      file.read(ByteBuffer.wrap(bytes), position());
      jump(position() + count);
    }
    return bytes;
  }

  void skip(long count) {
    if (count < 0 || count > remaining()) {
      throw file.damaged("it ends within what it describes");
    }
    if (count <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) count);
    } else {
      jump(position() + count);
    }
  }

  private void jump(long position) {
    buffer.limit(0);
    bufferEnd = position;
  }

  private void fill(int count) {
    if (buffer.remaining() >= count) {
      return;
    }
    if (count > remaining()) {
      throw file.damaged("it ends within what it describes");
    }
    long position = position();
    buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - position));
    bufferEnd = position + buffer.limit();
    file.read(buffer, position);
  }
}
