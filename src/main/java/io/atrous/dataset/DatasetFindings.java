package io.atrous.dataset;

import io.atrous.model.ClassCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a {@link DatasetCheck} found.
 *
 * @param layout the layout of the data set
 * @param pairs the number of images with label images in each split that was looked at
 * @param sizes the number of images of each size, such as {@code 480x360}
 * @param unpaired the files that lack their partner
 * @param faults the files that can't be used, a sentence each
 * @param labels the values of the label images, numbers first, in their order
 * @param classes the classes that values are mapped to
 */
public record DatasetFindings(
    String layout,
    Map<String, Integer> pairs,
    Map<String, Integer> sizes,
    List<String> unpaired,
    List<String> faults,
    List<LabelUse> labels,
    ClassCatalog classes) {

  /**
   * A value in label images.
   *
   * @param name the name that the data set has for it; empty if it has none
   * @param index the index of its class, 255 if it is ignored; empty if it means nothing
   * @param images the number of label images with it
   * @param pixels the number of its pixels
   * @param unknown the sentence that it means nothing, with the first file's name; empty if it does
   */
  public record LabelUse(
      LabelValue value, String name, OptionalInt index, int images, long pixels, String unknown) {}

  public DatasetFindings {
    unpaired = List.copyOf(unpaired);
    faults = List.copyOf(faults);
    labels = List.copyOf(labels);
  }

  /** Returns the classes that no pixel has. */
  public List<String> absentClasses() {
    List<String> absent = new ArrayList<>();
    for (int index = 0; index < classes.size(); index++) {
      int wanted = index;
      if (labels.stream().noneMatch(use -> use.index().orElse(-1) == wanted)) {
        absent.add(classes.get(index).name());
      }
    }
    return absent;
  }

  /** Returns all that must be mended before the data set can be used, a sentence each. */
  public List<String> obstacles() {
    List<String> obstacles = new ArrayList<>(faults);
    labels.stream()
        .map(LabelUse::unknown)
        .filter(sentence -> !sentence.isEmpty())
        .forEach(obstacles::add);
    if (pairs.values().stream().mapToInt(Integer::intValue).sum() == 0) {
      obstacles.add("There is no image with a label image");
    }
    return obstacles;
  }

  /**
   * Makes sure that the data set can be used.
   *
   * @throws DatasetException with the first obstacle and the number of the others
   */
  public void requireSound() {
    List<String> obstacles = obstacles();
    if (!obstacles.isEmpty()) {
      int others = obstacles.size() - 1;
      throw new DatasetException(
          obstacles.get(0)
              + (others == 0 ? "" : "; and %d more: atrous dataset check".formatted(others)));
    }
  }
}
