package io.atrous.dataset;

import io.atrous.mask.Mask;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ClassListing;
import io.atrous.model.SegmentationClass;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Maps the values in a data set's label images to the classes of a catalogue.
 *
 * <p>A value has the class that {@code labels.json} says. Else it has the class with the name that
 * the data set has for it. Where the data set has no names and there is no such file, the value is
 * the class's index, and the colour its colour. 255 is ignored unless the file maps it.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class LabelMap {

  private final ClassCatalog classes;
  private final Map<LabelValue, Integer> indices;
  private final Map<LabelValue, Optional<String>> names;
  private final boolean coloursOnly;

  private LabelMap(
      ClassCatalog classes,
      Map<LabelValue, Integer> indices,
      Map<LabelValue, Optional<String>> names) {
    this.classes = classes;
    this.indices = Map.copyOf(indices);
    this.names = names;
    this.coloursOnly =
        indices.keySet().stream().allMatch(v -> v.isColour() || v.equals(LabelValue.IGNORED));
  }

  /**
   * Creates a map.
   *
   * @param classes the classes to map to; null for those that the data set itself names
   * @param names the data set's names; null if it has none
   * @param file the content of {@code labels.json}; null if there is none
   * @throws DatasetException if the file names what there is not
   */
  static LabelMap of(
      @Nullable ClassCatalog classes, @Nullable NamedLabels names, @Nullable LabelsFile file) {
    ClassCatalog target = classes == null ? ownClasses(names, file) : classes;
    NamedLabels known = names == null && file == null ? NamedLabels.of(target) : names;
    Map<LabelValue, Integer> indices = new HashMap<>();
    indices.put(LabelValue.IGNORED, ClassCatalog.IGNORE_INDEX);
    if (known != null) {
      known
          .names()
          .forEach(
              (value, name) -> {
                OptionalInt index = index(target, name);
                index.ifPresent(there -> indices.put(value, there));
              });
    }
    if (file != null) {
      file.classes().forEach((label, name) -> putAll(label, name, file, known, target, indices));
    }
    return new LabelMap(target, indices, known == null ? Map.of() : known.names());
  }

  private static void putAll(
      String label,
      Optional<String> name,
      LabelsFile file,
      @Nullable NamedLabels known,
      ClassCatalog target,
      Map<LabelValue, Integer> indices) {
    int index =
        index(target, name)
            .orElseThrow(
                () ->
                    new DatasetException(
                        "File %s maps label %s to the class '%s', which is none of the classes: %s"
                            .formatted(file.name(), label, name.orElse(""), listed(target))));
    Optional<LabelValue> value = LabelValue.parse(label);
    List<LabelValue> values =
        value.map(List::of).orElseGet(() -> known == null ? List.of() : valuesOf(known, label));
    if (values.isEmpty()) {
      throw new DatasetException(
          "File %s maps '%s', which is neither a number, a colour #RRGGBB nor a class of the data set"
              .formatted(file.name(), label));
    }
    values.forEach(each -> indices.put(each, index));
  }

  private static List<LabelValue> valuesOf(NamedLabels known, String name) {
    return known.names().entrySet().stream()
        .filter(entry -> entry.getValue().equals(Optional.of(name)))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Returns the classes that the names lead to, and those that the file maps labels to. */
  private static ClassCatalog ownClasses(@Nullable NamedLabels names, @Nullable LabelsFile file) {
    ClassCatalog colours = ClassListing.numbered(ClassCatalog.IGNORE_INDEX);
    if (file == null) {
      return names == null ? colours : names.catalog();
    }
    Map<String, SegmentationClass> all = new LinkedHashMap<>();
    if (names != null) {
      names.catalog().classes().stream()
          .filter(own -> !file.classes().containsKey(own.name()))
          .forEach(own -> all.put(own.name(), own));
    }
    for (Optional<String> name : file.classes().values()) {
      name.ifPresent(
          mapped ->
              all.computeIfAbsent(
                  mapped,
                  own ->
                      new SegmentationClass(own, colours.get(all.size() % colours.size()).rgb())));
    }
    if (all.isEmpty() || all.size() > colours.size()) {
      throw new DatasetException(
          "File %s leads to %d classes; there must be 1 to %d"
              .formatted(file.name(), all.size(), colours.size()));
    }
    return new ClassCatalog(List.copyOf(all.values()));
  }

  /** Returns the index of a class, that of "ignore" for no class; empty for an unknown one. */
  private static OptionalInt index(ClassCatalog target, Optional<String> name) {
    if (name.isEmpty()) {
      return OptionalInt.of(ClassCatalog.IGNORE_INDEX);
    }
    for (int index = 0; index < target.size(); index++) {
      if (target.get(index).name().equals(name.get())) {
        return OptionalInt.of(index);
      }
    }
    return OptionalInt.empty();
  }

  private static String listed(ClassCatalog classes) {
    return classes.classes().stream()
        .map(SegmentationClass::name)
        .collect(Collectors.joining(", "));
  }

  /** Returns the classes that values are mapped to. */
  public ClassCatalog classes() {
    return classes;
  }

  /** Returns the index of a value's class, 255 for "ignore"; empty if the value means nothing. */
  public OptionalInt index(LabelValue value) {
    Integer index = indices.get(value);
    return index == null ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /** Returns the name that the data set itself has for a value; empty if it has none. */
  public String name(LabelValue value) {
    return names.getOrDefault(value, Optional.empty()).orElse("");
  }

  /** Returns whether palettes are to be read as their colours, since no number has a class. */
  boolean coloursOnly() {
    return coloursOnly;
  }

  /**
   * Returns the classes of a label image.
   *
   * @param file the file's name in messages
   * @throws DatasetException if a value means nothing
   */
  Mask apply(LabelImage image, String file) {
    int[] values = image.values();
    byte[] labels = new byte[values.length];
    int last = -1;
    byte lastLabel = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != last) {
        last = values[i];
        LabelValue value = new LabelValue(image.areColours(), last);
        lastLabel =
            (byte) index(value).orElseThrow(() -> new DatasetException(unknown(value, file)));
      }
      labels[i] = lastLabel;
    }
    return new Mask(image.width(), image.height(), labels);
  }

  /** Returns the sentence that a value means nothing, and the way out. */
  String unknown(LabelValue value, String file) {
    String name = name(value);
    return "Label image %s has the %s %s, which is none of the %d classes (%s): in %s map it to one, or to null to ignore it"
        .formatted(
            file,
            value.isColour() ? "colour" : "value",
            name.isEmpty() ? value : value + " (" + name + ")",
            classes.size(),
            listed(classes),
            LabelsFile.NAME);
  }
}
