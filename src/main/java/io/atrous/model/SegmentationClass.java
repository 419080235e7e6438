package io.atrous.model;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;

/**
 * One class a model knows.
 *
 * @param name the name in events
 * @param rgb its colour in pictures, 0xRRGGBB
 */
public record SegmentationClass(
    String name,
    @JsonSerialize(using = ColourJson.Writer.class)
        @JsonDeserialize(using = ColourJson.Reader.class)
        int rgb) {

  public SegmentationClass {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a class needs a name");
    }
    if ((rgb & 0xFF000000) != 0) {
      throw new IllegalArgumentException("colour of class " + name + " is not 0xRRGGBB");
    }
  }
}
