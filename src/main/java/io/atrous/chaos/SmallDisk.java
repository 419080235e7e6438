package io.atrous.chaos;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A disk that can be full: a file system in memory whose size changes while it is in use. Mounting
 * it takes Linux, and root's rights.
 *
 * <p><b>Threading:</b> confined to one thread. Owns its mount until {@link #close}.
 */
final class SmallDisk implements AutoCloseable {

  private static final long CAPACITY_BYTES = 2L << 30;

  /** What may be written while the size is changed. */
  private static final long MARGIN_BYTES = 64 << 10;

  private static final int PATIENCE_SECONDS = 30;
  private static final int ATTEMPTS = 20;

  private final Path path;

  private SmallDisk(Path path) {
    this.path = path;
  }

  /**
   * Mounts a disk with room.
   *
   * @param path where; made if it is not there
   * @throws IOException if that is not permitted here
   */
  static SmallDisk mount(Path path) throws IOException {
    Files.createDirectories(path);
    String size = "size=" + CAPACITY_BYTES;
    if (!succeeds("mount", "-t", "tmpfs", "-o", size, "tmpfs", path.toString())) {
      throw new IOException(
          "A small file system can't be mounted at " + path + ": it takes Linux and root's rights");
    }
    return new SmallDisk(path);
  }

  Path path() {
    return path;
  }

  /** Leaves no room but for a few records. */
  void fill() throws IOException {
    FileStore store = Files.getFileStore(path);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long usedBytes = store.getTotalSpace() - store.getUnallocatedSpace();
      // Fails if more than that is used by now.
      if (resize(usedBytes + MARGIN_BYTES)) {
        return;
      }
    }
    throw new IOException("The disk at " + path + " can't be filled");
  }

  /** Gives room again. */
  void free() throws IOException {
    if (!resize(CAPACITY_BYTES)) {
      throw new IOException("The disk at " + path + " can't be given room");
    }
  }

  private boolean resize(long bytes) throws IOException {
    return succeeds("mount", "-o", "remount,size=" + bytes, path.toString());
  }

  /** Unmounts it, even while somebody still uses it. */
  @Override
  public void close() throws IOException {
    if (!succeeds("umount", "--lazy", path.toString())) {
      throw new IOException("The disk at " + path + " can't be unmounted");
    }
  }

  private static boolean succeeds(String... command) throws IOException {
    Process process =
        new ProcessBuilder(Arrays.asList(command))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
