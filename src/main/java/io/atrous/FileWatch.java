package io.atrous;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a file has become another, by looking at it from time to time. It follows links, so
 * it also notices when Kubernetes swaps the directory behind one.
 *
 * <p><b>Threading:</b> confined to whoever looks.
 */
final class FileWatch {

  private final String file;
  private Optional<State> known;
  private Optional<State> last;

  /** The state of a file that a look shows. */
  private record State(long sizeBytes, FileTime modified, @Nullable Object key) {}

  /** Takes the file as it is now for known. */
  FileWatch(String file) {
    this.file = file;
    this.known = state();
    this.last = known;
  }

  /**
   * Looks at the file.
   *
   * @return true once after each change, as soon as the file is the same in two looks: it is not
   *     being written any more
   */
  boolean hasChanged() {
    Optional<State> now = state();
    boolean settled = now.equals(last);
    last = now;
    if (!settled || now.equals(known)) {
      return false;
    }
    known = now;
    return true;
  }

  private Optional<State> state() {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(Path.of(file), BasicFileAttributes.class);
      return Optional.of(
          new State(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey()));
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }
}
