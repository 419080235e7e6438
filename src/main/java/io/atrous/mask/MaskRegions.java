package io.atrous.mask;

import java.util.List;

/**
 * The classes and regions of a mask.
 *
 * @param regions by falling area; of equal areas the one whose first pixel comes first in row order
 * @param capped true if there were more regions, or more points in their outlines, than the caps;
 *     the largest regions were kept
 * @param classes the classes that are present, by class index, whether or not they make regions
 */
public record MaskRegions(List<Region> regions, boolean capped, List<ClassPresence> classes) {

  public MaskRegions {
    regions = List.copyOf(regions);
    classes = List.copyOf(classes);
  }
}
