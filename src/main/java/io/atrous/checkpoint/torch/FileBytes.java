package io.atrous.checkpoint.torch;

import io.atrous.model.ForeignFile;
import io.atrous.model.ModelFileException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file of any size, read where it is asked for and never beyond its end.
 *
 * <p><b>Threading:</b> as its reader; a file on disk takes any thread.
 */
public final class FileBytes implements AutoCloseable {

  /** The JDK keeps a direct buffer of the largest read for each thread. */
  private static final int MAX_READ_BYTES = 1 << 16;

  /** A file's content. */
  interface Reader extends Closeable {

    /** Reads some bytes at a position, at least one unless the file ends there. */
    int read(ByteBuffer target, long position) throws IOException;

    @Override
    default void close() throws IOException {}
  }

  /** A file on disk. */
  private record Channel(FileChannel channel) implements Reader {

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return channel.read(target, position);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private final String origin;
  private final long size;
  private final Reader reader;

  /**
   * @param origin the file's name in messages
   * @param size the file's size in bytes
   */
  FileBytes(String origin, long size, Reader reader) {
    this.origin = origin;
    this.size = size;
    this.reader = reader;
  }

  /**
   * Opens a file on disk.
   *
   * @throws ModelFileException if it is missing or can't be read
   */
  public static FileBytes open(Path path) {
    ForeignFile.requireRegular(path);
    try {
      FileChannel channel = FileChannel.open(path);
      return new FileBytes(path.toString(), channel.size(), new Channel(channel));
    } catch (NoSuchFileException e) {
      throw new ModelFileException("There is no model file " + path, e);
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the model file " + path + ": " + e.getMessage(), e);
    }
  }

  public String origin() {
    return origin;
  }

  /** Returns the number of bytes in the file. */
  public long size() {
    return size;
  }

  /**
   * Fills a buffer's remaining room and makes it ready to be read.
   *
   * @throws ModelFileException if the file ends before
   */
  public void read(ByteBuffer target, long position) {
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

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The complaint about bytes that no sound writer leaves. */
  public ModelFileException damaged(String why) {
    return new ModelFileException("Model file " + origin + " is damaged: " + why);
  }

  /**
   * The complaint about a sound file of the wrong kind.
   *
   * @param what continues the sentence after the file's name
   */
  public ModelFileException refused(String what) {
    return new ModelFileException("Model file " + origin + " " + what);
  }
}
