package io.atrous.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * The classes of a model; a class's index is its place in the list.
 *
 * @param classes 1 to 255 classes; index 255 is reserved for "ignore"
 */
public record ClassCatalog(@JsonValue List<SegmentationClass> classes) {

  /** The label of pixels that neither training nor evaluation looks at. */
  public static final int IGNORE_INDEX = 255;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public ClassCatalog {
    classes = List.copyOf(classes);
    if (classes.isEmpty() || classes.size() > IGNORE_INDEX) {
      throw new IllegalArgumentException("a model has 1 to 255 classes, not " + classes.size());
    }
    if (classes.stream().map(SegmentationClass::name).distinct().count() != classes.size()) {
      throw new IllegalArgumentException("class names repeat");
    }
  }

  public int size() {
    return classes.size();
  }

  public SegmentationClass get(int index) {
    return classes.get(index);
  }
}
