package io.atrous.cli;

import io.atrous.settings.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files and folders that commands write. */
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

  /**
   * Makes a folder if it isn't there.
   *
   * @param option that names it
   * @throws StartException if it can't be made
   */
  static void makeFolder(String option, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StartException(option + ": cannot make the folder " + folder + ": " + e, e);
    }
  }
}
