package io.atrous.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A folder with images in it. */
public final class ImageFolder {

  private ImageFolder() {}

  /**
   * The JPEG and PNG files that lie in a folder itself, told by their names, in the names' order;
   * hidden ones, such as a Mac leaves beside the others, are not among them.
   */
  public static List<Path> images(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> namesAnImage(file.getFileName().toString()))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static boolean namesAnImage(String name) {
    return name.toLowerCase(Locale.ROOT).matches("[^.].*\\.(jpg|jpeg|png)");
  }
}
