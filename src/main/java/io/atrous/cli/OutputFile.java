package io.atrous.cli;

import io.atrous.StartException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that commands write. */
final class OutputFile {

  private OutputFile() {}

  /**
   * Makes sure that a file can be written: better now than after an hour's work.
   *
   * @param option that names it
   * @throws StartException if it can't
   */
  static void requireWritable(String option, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    String obstacle =
        Files.isDirectory(file)
            ? "it is a folder"
            : folder == null || !Files.isDirectory(folder)
                ? "there is no folder " + folder
                : !Files.isWritable(folder) ? "nothing may be written to " + folder : "";
    if (!obstacle.isEmpty()) {
      throw new StartException(option + ": cannot write " + file + ": " + obstacle);
    }
  }
}
