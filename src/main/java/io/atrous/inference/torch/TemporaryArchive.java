package io.atrous.inference.torch;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that only its owner can read, on the way from the emitter to PyTorch's loader, and gone
 * afterwards. While it lives its process holds a lock on it, so that files whose process died can
 * be told from those in use, by any process on this machine.
 *
 * <p><b>Threading:</b> confined to one thread; different archives are independent.
 */
final class TemporaryArchive implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TemporaryArchive.class);
  private static final String PREFIX = "atrous-network-";
  private static final String SUFFIX = ".pt";
  private static final int BUFFER_BYTES = 1 << 16;

  /** Far behind the content: a lock over it would keep the loader out on some systems. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  /**
   * Those of this process. Opening and closing one of them elsewhere, if only to look, would
   * release its lock.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private TemporaryArchive(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Creates an empty file in an existing directory. */
  static TemporaryArchive create(Path directory) throws IOException {
    while (true) {
      // Readable by its owner alone: so createTempFile makes it.
      Path path = Files.createTempFile(directory.toRealPath(), PREFIX, SUFFIX);
      OURS.add(path);
      TemporaryArchive archive =
          new TemporaryArchive(path, FileChannel.open(path, StandardOpenOption.WRITE));
      // Another process that starts right now may have taken it for a leftover.
      if (archive.lock() && Files.exists(path)) {
        return archive;
      }
      archive.close();
    }
  }

  /** Deletes what crashed processes left in a directory. */
  static void removeLeftovers(Path directory) throws IOException {
    try (DirectoryStream<Path> archives =
        Files.newDirectoryStream(directory.toRealPath(), PREFIX + "*" + SUFFIX)) {
      for (Path archive : archives) {
        if (!OURS.contains(archive)) {
          removeIfLeft(archive);
        }
      }
    }
  }

  private static void removeIfLeft(Path path) {
    try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false)) {
      if (lock != null && Files.deleteIfExists(path)) {
        LOG.info("removed {}, left by a process that crashed", path);
      }
    } catch (IOException e) {
      // Another user's, or gone by now.
      LOG.debug("left {} alone", path, e);
    }
  }

  private boolean lock() throws IOException {
    return channel.tryLock(LOCKED_BYTE, 1, false) != null;
  }

  Path path() {
    return path;
  }

  /** Where its content goes; to be flushed, not closed. */
  OutputStream content() {
    return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
  }

  /** Deletes the file. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      Files.deleteIfExists(path);
      OURS.remove(path);
    }
  }
}
