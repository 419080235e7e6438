package io.atrous.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory in which a user's processes keep what can be made again: native libraries unpacked
 * from their jars, and what was found by trying.
 *
 * <p>It is {@value #VARIABLE}, else {@code atrous} in {@code XDG_CACHE_HOME}, else {@code
 * .cache/atrous} in the home directory: the first that is set and can be written. Where there is
 * none, as for a user id without an account, it is a directory of this process alone. {@code
 * user.home} is not trusted: for such an id it is {@code ?}.
 *
 * <p>DJL, JavaCPP and JNA are told of it by system properties, which must be set before the first
 * library is loaded. A place that the user has told them stays.
 *
 * <p><b>Threading:</b> thread-safe, and safe for several processes.
 */
public final class CacheDirectory {

  /** The environment variable that names the directory. */
  public static final String VARIABLE = "ATROUS_CACHE_DIR";

  private static final Logger LOG = LoggerFactory.getLogger(CacheDirectory.class);

  /** The folder that DJL makes in the directory it is told. */
  private static final String PYTORCH = "pytorch";

  private static final String JAVACPP = "javacpp";
  private static final String JNA = "jna";

  private static @Nullable CacheDirectory current;

  private final Path path;

  private CacheDirectory(Path path) {
    this.path = path;
  }

  /**
   * Returns the directory of this process; the first call chooses it and makes it.
   *
   * @throws CacheDirectoryException if none can be written, or not the one that {@value #VARIABLE}
   *     names
   */
  public static synchronized CacheDirectory current() {
    if (current == null) {
      CacheDirectory chosen =
          choose(
              System.getenv(),
              System.getProperty("user.home"),
              Path.of(System.getProperty("java.io.tmpdir")));
      setUnlessGiven("DJL_CACHE_DIR", chosen.path);
      setUnlessGiven("org.bytedeco.javacpp.cachedir", chosen.path.resolve(JAVACPP));
      setUnlessGiven("jna.tmpdir", chosen.path.resolve(JNA));
      current = chosen;
    }
    return current;
  }

  private static void setUnlessGiven(String property, Path place) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, place.toString());
    }
  }

  /**
   * Chooses and makes a directory.
   *
   * @param userHome the home directory if the environment names none
   * @param temporary the parent of a directory for this process alone
   */
  static CacheDirectory choose(Map<String, String> environment, String userHome, Path temporary) {
    String wanted = environment.getOrDefault(VARIABLE, "");
    if (!wanted.isEmpty()) {
      try {
        return make(Path.of(wanted).toAbsolutePath());
      } catch (IOException | InvalidPathException e) {
        throw new CacheDirectoryException(
            VARIABLE + " must name a directory that this user can write: " + reason(e), e);
      }
    }
    List<String> obstacles = new ArrayList<>();
    for (Place place :
        List.of(
            new Place("XDG_CACHE_HOME", environment.getOrDefault("XDG_CACHE_HOME", ""), "atrous"),
            new Place("HOME", environment.getOrDefault("HOME", userHome), ".cache/atrous"))) {
      try {
        return make(place.directory());
      } catch (IOException | InvalidPathException e) {
        obstacles.add(place.variable() + ": " + reason(e));
      }
    }
    return ofThisProcess(temporary, String.join(", ", obstacles));
  }

  private static CacheDirectory ofThisProcess(Path temporary, String obstacles) {
    try {
      CacheDirectory directory = make(SessionDirectory.create(temporary));
      LOG.warn(
          "Native libraries are unpacked to {}, which goes when this process ends, since no lasting"
              + " cache can be written ({}); set {} to a directory to keep them",
          directory.path,
          obstacles,
          VARIABLE);
      return directory;
    } catch (IOException e) {
      throw new CacheDirectoryException(
          "native libraries can't be unpacked anywhere (%s, temporary directory: %s); set %s to a directory that this user can write"
              .formatted(obstacles, reason(e), VARIABLE),
          e);
    }
  }

  /**
   * A place that a variable gives.
   *
   * @param base the value of the variable
   * @param below the directory's path from there
   */
  private record Place(String variable, String base, String below) {

    Path directory() throws IOException {
      Path folder = Path.of(base);
      if (!folder.isAbsolute()) {
        throw new IOException(base.isEmpty() ? "not set" : "'" + base + "' is not absolute");
      }
      // A home that isn't there is a name for "none", such as /nonexistent.
      if (variable.equals("HOME") && !Files.isDirectory(folder)) {
        throw new NoSuchFileException(base);
      }
      return folder.resolve(below);
    }
  }

  /** Makes a directory and the folders in it, for this user alone as far as they are new. */
  private static CacheDirectory make(Path directory) throws IOException {
    for (Path folder :
        List.of(
            directory,
            directory.resolve(PYTORCH),
            directory.resolve(JAVACPP),
            directory.resolve(JNA))) {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder, forThisUserAlone());
      }
      if (!Files.isWritable(folder)) {
        throw new AccessDeniedException(folder.toString());
      }
    }
    return new CacheDirectory(directory);
  }

  private static FileAttribute<?>[] forThisUserAlone() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static String reason(Exception failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof AccessDeniedException) {
      return message + " can't be written by this user";
    }
    return failure instanceof NoSuchFileException ? "there is no " + message : message;
  }

  /** Returns the directory, which exists. */
  public Path path() {
    return path;
  }

  /** Returns the folder into which PyTorch is unpacked. */
  public Path pyTorch() {
    return path.resolve(PYTORCH);
  }

  /** Does some work that no other process does in this directory at the same time. */
  public synchronized <T> T alone(Supplier<T> work) {
    try (FileChannel channel =
        FileChannel.open(
            path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Held until the channel is closed.
      var unused = channel.lock();
      return work.get();
    } catch (IOException e) {
      throw new CacheDirectoryException("the directory " + path + " can't be locked: " + e, e);
    }
  }
}
