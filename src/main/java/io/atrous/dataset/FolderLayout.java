package io.atrous.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A folder {@code images} and a folder {@code masks}: whole, split by folders of the same names in
 * both, or by lists such as {@code train.txt} beside them.
 *
 * <p><b>Threading:</b> immutable.
 */
final class FolderLayout implements DatasetLayout {

  static final String IMAGES = "images";
  static final String MASKS = "masks";

  /** The splits that lists may name. */
  private static final List<String> LISTED = List.of("train", "val", "test");

  @Override
  public String name() {
    return "images/ and masks/";
  }

  @Override
  public boolean isAt(Path root) {
    return Files.isDirectory(root.resolve(IMAGES)) && Files.isDirectory(root.resolve(MASKS));
  }

  @Override
  public List<String> splits(Path root) throws IOException {
    List<String> folders = folders(root.resolve(IMAGES));
    return folders.isEmpty()
        ? LISTED.stream().filter(split -> Files.exists(list(root, split))).toList()
        : folders;
  }

  @Override
  public PairedFiles files(Path root, String split) throws IOException {
    boolean byFolder = !split.isEmpty() && folders(root.resolve(IMAGES)).contains(split);
    PairedFiles all =
        byFolder
            ? pair(root, root.resolve(IMAGES).resolve(split), root.resolve(MASKS).resolve(split))
            : pair(root, root.resolve(IMAGES), root.resolve(MASKS));
    return split.isEmpty() || byFolder ? all : listed(root, list(root, split), all);
  }

  static PairedFiles pair(Path root, Path images, Path masks) throws IOException {
    return PairedFiles.of(root, images, masks, PairedFiles::stem, PairedFiles::stem);
  }

  private static PairedFiles listed(Path root, Path list, PairedFiles all) {
    Map<String, ImagePair> byStem = new LinkedHashMap<>();
    all.pairs().forEach(pair -> byStem.put(stem(pair.image()), pair));
    List<ImagePair> pairs = new ArrayList<>();
    List<Path> unpaired = new ArrayList<>();
    for (String name : ListedNames.read(list)) {
      ImagePair pair = byStem.get(name);
      if (pair == null) {
        unpaired.add(root.resolve(IMAGES).resolve(name));
      } else {
        pairs.add(pair);
      }
    }
    return new PairedFiles(pairs, unpaired);
  }

  private static String stem(Path file) {
    return PairedFiles.stem(String.valueOf(file.getFileName()));
  }

  private static Path list(Path root, String split) {
    return root.resolve(split + ListedNames.SUFFIX);
  }

  /** Returns the names of the folders in a folder, those of no one's interest left out. */
  static List<String> folders(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> Objects.requireNonNull(entry.getFileName()).toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }
}
