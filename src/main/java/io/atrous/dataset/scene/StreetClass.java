package io.atrous.dataset.scene;

import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.util.Arrays;

/** The classes of a street scene's pixels; the order is that of their indices. */
public enum StreetClass {
  ROAD(0, "road", 0x804080),
  PAVEMENT(1, "pavement", 0xF423E8),
  BUILDING(2, "building", 0x8C6E5A),
  VEGETATION(3, "vegetation", 0x6B8E23),
  SKY(4, "sky", 0x4682B4),
  VEHICLE(5, "vehicle", 0x0030C0),
  PERSON(6, "person", 0xDC143C);

  private final int index;
  private final String label;
  private final int rgb;

  StreetClass(int index, String label, int rgb) {
    this.index = index;
    this.label = label;
    this.rgb = rgb;
  }

  /** Its place in the catalogue, and its pixels' value in masks. */
  public int index() {
    return index;
  }

  /** The classes as a model file lists them. */
  public static ClassCatalog catalog() {
    return new ClassCatalog(
        Arrays.stream(values()).map(c -> new SegmentationClass(c.label, c.rgb)).toList());
  }
}
