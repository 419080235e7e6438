package io.atrous.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that only this user can look into, and that goes when this process ends. The process
 * holds a lock on a file in it, so that the next start can remove what a killed process has left.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class SessionDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(SessionDirectory.class);
  private static final String PREFIX = "atrous-cache-";
  private static final String IN_USE = "in-use";

  /** The locks of this process by their directories; one would go with its last reference. */
  private static final Map<Path, FileLock> HELD = new ConcurrentHashMap<>();

  private SessionDirectory() {}

  /**
   * Makes the directory.
   *
   * @param parent an existing directory, which other users may share
   */
  static Path create(Path parent) throws IOException {
    Path directory = Files.createTempDirectory(parent, PREFIX);
    Path inUse = directory.resolve(IN_USE);
    // Never closed: it is held until the process ends, however that happens.
    HELD.put(
        directory,
        FileChannel.open(inUse, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).lock());
    if (!Files.exists(inUse)) {
      // Another start has just taken it for a leftover.
      return create(parent);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory), "cache"));
    removeLeftovers(parent, directory);
    return directory;
  }

  private static void removeLeftovers(Path parent, Path ours) throws IOException {
    UserPrincipal user = Files.getOwner(ours);
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path directory : directories) {
        if (!HELD.containsKey(directory)
            && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(user)) {
          removeIfLeft(directory);
        }
      }
    }
  }

  private static void removeIfLeft(Path directory) {
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(IN_USE), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        TemporaryDirectory.delete(directory);
        LOG.info("removed {}, left by a process that was killed", directory);
      }
    } catch (IOException e) {
      LOG.debug("left {} alone", directory, e);
    }
  }

  private static void delete(Path directory) {
    try {
      TemporaryDirectory.delete(directory);
    } catch (IOException e) {
      LOG.warn("{} can't be removed: {}", directory, e.toString());
    }
  }
}
