package io.atrous.dataset;

import io.atrous.model.ClassCatalog;
import io.atrous.model.ClassListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A data set in a folder of the user's, in one of the layouts of docs/datasets.md.
 *
 * <p><b>Threading:</b> immutable; the files are read when they are asked for.
 */
public final class DatasetFolder {

  /** The file that names the labels of a data set whose layout doesn't. */
  private static final String CLASSES = "classes.txt";

  /** The most particular first. */
  private static final List<DatasetLayout> LAYOUTS =
      List.of(
          new CityscapesLayout(), new VocLayout(), new FolderLayout(), new SplitFoldersLayout());

  private final Path root;
  private final DatasetLayout layout;
  private final List<String> splits;
  private final LabelMap labels;

  private DatasetFolder(Path root, DatasetLayout layout, List<String> splits, LabelMap labels) {
    this.root = root;
    this.layout = layout;
    this.splits = List.copyOf(splits);
    this.labels = labels;
  }

  /**
   * Opens a data set.
   *
   * @param classes the classes that its labels are mapped to; null for those that it names itself
   * @param labels the file that maps them; null for {@code labels.json} in the folder, if it is
   *     there
   * @throws DatasetException if the folder has no known layout, or the labels can't be mapped
   */
  public static DatasetFolder open(
      Path root, @Nullable ClassCatalog classes, @Nullable Path labels) {
    if (!Files.isDirectory(root)) {
      throw new DatasetException("There is no folder " + root);
    }
    DatasetLayout layout =
        LAYOUTS.stream()
            .filter(candidate -> candidate.isAt(root))
            .findFirst()
            .orElseThrow(
                () ->
                    new DatasetException(
                        "Folder %s has none of the known layouts: %s (docs/datasets.md)"
                            .formatted(
                                root,
                                LAYOUTS.stream()
                                    .map(DatasetLayout::name)
                                    .collect(Collectors.joining("; ")))));
    Path own = root.resolve(LabelsFile.NAME);
    Path file = labels == null && Files.exists(own) ? own : labels;
    return new DatasetFolder(
        root,
        layout,
        read(() -> layout.splits(root)),
        LabelMap.of(
            classes,
            names(root, layout).orElse(null),
            file == null ? null : LabelsFile.read(file)));
  }

  private static Optional<NamedLabels> names(Path root, DatasetLayout layout) {
    Path file = root.resolve(CLASSES);
    return Files.exists(file)
        ? Optional.of(NamedLabels.of(ClassListing.read(file)))
        : layout.labels();
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> T read(Reading<T> reading) {
    try {
      return reading.read();
    } catch (IOException e) {
      throw new DatasetException("Cannot read a folder of the data set: " + e, e);
    }
  }

  public Path root() {
    return root;
  }

  /** Returns what people call its layout. */
  public String layout() {
    return layout.name();
  }

  /** Returns the names of its splits; empty if it is not split. */
  public List<String> splits() {
    return splits;
  }

  /** Returns what its labels mean. */
  public LabelMap labels() {
    return labels;
  }

  /**
   * Returns the pairs of image and label image of a split.
   *
   * @param split the split; null for all of the data set
   * @throws DatasetException if there is no such split
   */
  PairedFiles files(@Nullable String split) {
    if (split == null) {
      return splits.isEmpty()
          ? read(() -> layout.files(root, ""))
          : PairedFiles.joined(splits.stream().map(this::files).toList());
    }
    if (!splits.contains(split)) {
      throw new DatasetException(
          splits.isEmpty()
              ? "Data set %s is not split: leave out --split".formatted(root)
              : "Data set %s has no split '%s' but %s"
                  .formatted(root, split, String.join(", ", splits)));
    }
    return read(() -> layout.files(root, split));
  }

  /**
   * Returns the labelled frames of a split.
   *
   * @param split the split; null for all of the data set
   * @throws DatasetException if there is no such split, or nothing is in it
   */
  public LabeledFrames frames(@Nullable String split) {
    List<ImagePair> pairs = new ArrayList<>(files(split).pairs());
    if (pairs.isEmpty()) {
      throw new DatasetException(
          "Data set %s has no image with a label image%s"
              .formatted(root, split == null ? "" : " in the split " + split));
    }
    return new FileFrames(pairs, labels);
  }
}
