package io.atrous.dataset;

import static java.util.Map.entry;

import io.atrous.model.ClassListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cityscapes: {@code leftImg8bit/SPLIT/CITY} and {@code gtFine/SPLIT/CITY}, whose {@code labelIds}
 * become the 19 classes of evaluation; other ids are ignored, as there.
 *
 * <p><b>Threading:</b> immutable.
 */
final class CityscapesLayout implements DatasetLayout {

  private static final String IMAGES = "leftImg8bit";
  private static final String LABELS = "gtFine";
  private static final String IMAGE_END = "_leftImg8bit.png";
  private static final String LABELS_END = "_gtFine_labelIds.png";

  /** The largest id that the data set's label images have. */
  private static final int LAST_ID = 33;

  /** The ids of the classes of evaluation, by the data set's own table. */
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          entry(7, "road"),
          entry(8, "sidewalk"),
          entry(11, "building"),
          entry(12, "wall"),
          entry(13, "fence"),
          entry(17, "pole"),
          entry(19, "traffic light"),
          entry(20, "traffic sign"),
          entry(21, "vegetation"),
          entry(22, "terrain"),
          entry(23, "sky"),
          entry(24, "person"),
          entry(25, "rider"),
          entry(26, "car"),
          entry(27, "truck"),
          entry(28, "bus"),
          entry(31, "train"),
          entry(32, "motorcycle"),
          entry(33, "bicycle"));

  @Override
  public String name() {
    return "Cityscapes";
  }

  @Override
  public boolean isAt(Path root) {
    return Files.isDirectory(root.resolve(IMAGES)) && Files.isDirectory(root.resolve(LABELS));
  }

  @Override
  public List<String> splits(Path root) throws IOException {
    return FolderLayout.folders(root.resolve(IMAGES));
  }

  @Override
  public PairedFiles files(Path root, String split) throws IOException {
    Path images = root.resolve(IMAGES).resolve(split);
    List<PairedFiles> cities = new ArrayList<>();
    for (String city : FolderLayout.folders(images)) {
      cities.add(
          PairedFiles.of(
              root,
              images.resolve(city),
              root.resolve(LABELS).resolve(split).resolve(city),
              name -> before(name, IMAGE_END),
              name -> before(name, LABELS_END)));
    }
    return PairedFiles.joined(cities);
  }

  /** Returns what stands before an ending; empty for names with another one. */
  private static String before(String name, String ending) {
    return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : "";
  }

  @Override
  public Optional<NamedLabels> labels() {
    Map<LabelValue, Optional<String>> names = new HashMap<>();
    for (int id = 0; id <= LAST_ID; id++) {
      names.put(LabelValue.number(id), Optional.ofNullable(NAMES.get(id)));
    }
    return ClassListing.ofDataSet("cityscapes").map(classes -> new NamedLabels(names, classes));
  }
}
