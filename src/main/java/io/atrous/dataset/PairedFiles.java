package io.atrous.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The files of a split.
 *
 * @param pairs the images with label images, in the order of their names or of their list
 * @param unpaired the files that lack their partner
 */
record PairedFiles(List<ImagePair> pairs, List<Path> unpaired) {

  PairedFiles {
    pairs = List.copyOf(pairs);
    unpaired = List.copyOf(unpaired);
  }

  /**
   * Pairs the files of two folders whose keys are equal.
   *
   * @param root the data set's folder
   * @param imageKey returns the key of an image's name, such as the name without its suffix
   * @param labelsKey returns the key of a label image's name; empty for files that are none
   */
  static PairedFiles of(
      Path root,
      Path images,
      Path labels,
      Function<String, String> imageKey,
      Function<String, String> labelsKey)
      throws IOException {
    Map<String, Path> imagesByKey = byKey(images, imageKey);
    Map<String, Path> labelsByKey = byKey(labels, labelsKey);
    List<ImagePair> pairs = new ArrayList<>();
    List<Path> unpaired = new ArrayList<>();
    imagesByKey.forEach(
        (key, image) -> {
          Path partner = labelsByKey.remove(key);
          if (partner == null) {
            unpaired.add(image);
          } else {
            pairs.add(new ImagePair(name(root, image), image, partner));
          }
        });
    unpaired.addAll(labelsByKey.values());
    return new PairedFiles(pairs, unpaired);
  }

  /** Joins the files of several folders or lists; those that occur twice count once. */
  static PairedFiles joined(List<PairedFiles> parts) {
    return new PairedFiles(
        parts.stream().flatMap(part -> part.pairs.stream()).distinct().toList(),
        parts.stream().flatMap(part -> part.unpaired.stream()).distinct().toList());
  }

  private static Map<String, Path> byKey(Path folder, Function<String, String> key)
      throws IOException {
    Map<String, Path> files = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return files;
    }
    for (Path file : ImageFolder.images(folder)) {
      String found = key.apply(String.valueOf(file.getFileName()));
      Path other = found.isEmpty() ? null : files.put(found, file);
      if (other != null) {
        throw new DatasetException(
            "Files %s and %s have one name: which of them belongs to its partner?"
                .formatted(other, file));
      }
    }
    return files;
  }

  static String name(Path root, Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  /** Returns a file's name without its suffix. */
  static String stem(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot < 1 ? fileName : fileName.substring(0, dot);
  }
}
