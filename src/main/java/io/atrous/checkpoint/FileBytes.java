package io.atrous.checkpoint;

import io.atrous.model.ModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file of any size, read where it is asked for and never beyond its end.
 *
 * <p><b>Threading:</b> as its reader; that of a {@link java.nio.channels.FileChannel} takes any
 * thread.
 */
final class FileBytes {

  /** The JDK keeps a direct buffer of the largest read for each thread. */
  private static final int MAX_READ_BYTES = 1 << 16;

  /** Reads some bytes at a position, at least one unless the file ends there. */
  interface Reader {
    int read(ByteBuffer target, long position) throws IOException;
  }

  private final String origin;
  private final long size;
  private final Reader reader;

  /**
   * @param origin what to call the file in messages
   * @param size in bytes
   */
  FileBytes(String origin, long size, Reader reader) {
    this.origin = origin;
    this.size = size;
    this.reader = reader;
  }

  String origin() {
    return origin;
  }

  /** Bytes in the file. */
  long size() {
    return size;
  }

  /**
   * Fills a buffer's remaining room and makes it ready to be read.
   *
   * @throws ModelFileException if the file ends before
   */
  void read(ByteBuffer target, long position) {
    if (position < 0 || position > size - target.remaining()) {
      throw damaged("it ends within what it describes");
    }
    int end = target.limit();
    long at = position;
    try {
      while (target.position() < end) {
        target.limit(Math.min(end, target.position() + MAX_READ_BYTES));
        int count = reader.read(target, at);
        if (count <= 0) {
          throw damaged("it became shorter while it was read");
        }
        at += count;
      }
    } catch (IOException e) {
      throw new ModelFileException(
          "Cannot read the model file " + origin + ": " + e.getMessage(), e);
    }
    target.flip();
  }

  /** The complaint about bytes that no sound writer leaves. */
  ModelFileException damaged(String why) {
    return new ModelFileException("Model file " + origin + " is damaged: " + why);
  }

  /**
   * The complaint about a sound file of the wrong kind.
   *
   * @param what continues the sentence after the file's name
   */
  ModelFileException refused(String what) {
    return new ModelFileException("Model file " + origin + " " + what);
  }
}
