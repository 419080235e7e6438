package io.atrous.dataset;

import io.atrous.model.TextFile;
import io.atrous.model.TextFileException;
import java.nio.file.Path;
import java.util.List;

/** Reads files that list images, a name in each line. */
final class ListedNames {

  static final String SUFFIX = ".txt";

  private static final int MAX_BYTES = 1 << 26;

  private ListedNames() {}

  /**
   * Reads a list.
   *
   * @return the names of images without their suffixes
   * @throws DatasetException if it can't be read, or a line is no name
   */
  static List<String> read(Path list) {
    try {
      return TextFile.read(list, MAX_BYTES)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .map(line -> name(line, list))
          .distinct()
          .toList();
    } catch (TextFileException e) {
      throw new DatasetException("Cannot read the list " + list + ": " + e.getMessage(), e);
    }
  }

  /** A list comes with a data set from elsewhere: it may not lead out of the folder. */
  private static String name(String line, Path list) {
    if (line.indexOf('/') >= 0 || line.indexOf('\\') >= 0 || line.startsWith(".")) {
      throw new DatasetException(
          "List %s has the line '%s', which is not the name of an image in its folder"
              .formatted(list, line));
    }
    return line.matches("(?i).*\\.(jpg|jpeg|png)") ? PairedFiles.stem(line) : line;
  }
}
