package io.atrous.dataset;

import io.atrous.model.ClassListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * PASCAL VOC: {@code JPEGImages}, {@code SegmentationClass}, and lists of the splits in {@code
 * ImageSets/Segmentation}.
 *
 * <p><b>Threading:</b> immutable.
 */
final class VocLayout implements DatasetLayout {

  private static final String IMAGES = "JPEGImages";
  private static final String LABELS = "SegmentationClass";
  private static final Path LISTS = Path.of("ImageSets", "Segmentation");

  /** The colour of the band around objects, where the palette has been resolved. */
  private static final LabelValue VOID = LabelValue.colour(0xE0E0C0);

  @Override
  public String name() {
    return "PASCAL VOC";
  }

  @Override
  public boolean isAt(Path root) {
    return Files.isDirectory(root.resolve(IMAGES))
        && Files.isDirectory(root.resolve(LABELS))
        && Files.isDirectory(root.resolve(LISTS));
  }

  @Override
  public List<String> splits(Path root) throws IOException {
    try (Stream<Path> lists = Files.list(root.resolve(LISTS))) {
      return lists
          .map(list -> Objects.requireNonNull(list.getFileName()).toString())
          .filter(name -> name.endsWith(ListedNames.SUFFIX) && !name.startsWith("."))
          .map(PairedFiles::stem)
          .sorted()
          .toList();
    }
  }

  @Override
  public PairedFiles files(Path root, String split) {
    List<ImagePair> pairs = new ArrayList<>();
    List<Path> unpaired = new ArrayList<>();
    for (String name : ListedNames.read(root.resolve(LISTS).resolve(split + ListedNames.SUFFIX))) {
      Path image = root.resolve(IMAGES).resolve(name + ".jpg");
      Path labels = root.resolve(LABELS).resolve(name + ".png");
      if (Files.exists(image) && Files.exists(labels)) {
        pairs.add(new ImagePair(PairedFiles.name(root, image), image, labels));
      } else {
        unpaired.add(Files.exists(image) ? image : labels);
      }
    }
    return new PairedFiles(pairs, unpaired);
  }

  @Override
  public Optional<NamedLabels> labels() {
    return ClassListing.ofDataSet("voc").map(classes -> NamedLabels.of(classes).ignoring(VOID));
  }
}
