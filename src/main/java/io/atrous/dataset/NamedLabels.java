package io.atrous.dataset;

import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names that a data set has for the values in its label images.
 *
 * @param names the name of each value; empty for values that are to be ignored
 * @param catalog the classes that the names are of
 */
record NamedLabels(Map<LabelValue, Optional<String>> names, ClassCatalog catalog) {

  NamedLabels {
    names = Map.copyOf(names);
  }

  /** Creates the names of labels that are places in a list, or the colours in it. */
  static NamedLabels of(ClassCatalog catalog) {
    Map<LabelValue, Optional<String>> names = new LinkedHashMap<>();
    for (int index = 0; index < catalog.size(); index++) {
      SegmentationClass named = catalog.get(index);
      names.put(LabelValue.number(index), Optional.of(named.name()));
      // Where two classes have one colour, it says nothing.
      if (catalog.classes().stream().filter(other -> other.rgb() == named.rgb()).count() == 1) {
        names.put(LabelValue.colour(named.rgb()), Optional.of(named.name()));
      }
    }
    return new NamedLabels(names, catalog);
  }

  /** Adds values that are to be ignored. */
  NamedLabels ignoring(LabelValue... values) {
    Map<LabelValue, Optional<String>> all = new LinkedHashMap<>(names);
    for (LabelValue value : values) {
      all.put(value, Optional.empty());
    }
    return new NamedLabels(all, catalog);
  }
}
