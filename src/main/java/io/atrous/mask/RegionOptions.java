package io.atrous.mask;

import java.util.Set;

/**
 * Which regions of a mask leave, and how exact their outlines are.
 *
 * @param minAreaFraction regions and holes below this fraction of the frame are left out, 0 to 1
 * @param maxRegions the most regions of a frame; the largest are kept
 * @param toleranceMaskPixels the largest distance of a simplified outline from the exact one, in
 *     pixels of the mask; 0 keeps every corner
 * @param maxPointsPerPolygon the most points of a polygon's rings together; rings are simplified
 *     further and small holes left out for it
 * @param maxPoints the most points of all polygons of a frame; at least as many as of one
 * @param ignoredClasses class indices that make no regions, such as a background's
 */
public record RegionOptions(
    double minAreaFraction,
    int maxRegions,
    double toleranceMaskPixels,
    int maxPointsPerPolygon,
    int maxPoints,
    Set<Integer> ignoredClasses) {

  /** The fewest points that can be asked for: those of a box. */
  public static final int MIN_POINTS = 4;

  /** Creates options without limits on points. */
  public RegionOptions(
      double minAreaFraction,
      int maxRegions,
      double toleranceMaskPixels,
      Set<Integer> ignoredClasses) {
    this(
        minAreaFraction,
        maxRegions,
        toleranceMaskPixels,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        ignoredClasses);
  }

  public RegionOptions {
    if (!(minAreaFraction >= 0 && minAreaFraction <= 1)) {
      throw new IllegalArgumentException(
          "the minimum area must be a fraction, 0 to 1, not " + minAreaFraction);
    }
    if (maxRegions < 0) {
      throw new IllegalArgumentException("the cap must be at least 0 regions, not " + maxRegions);
    }
    if (!(toleranceMaskPixels >= 0 && toleranceMaskPixels < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the outlines' tolerance must be at least 0 pixels, not " + toleranceMaskPixels);
    }
    if (maxPointsPerPolygon < MIN_POINTS || maxPoints < maxPointsPerPolygon) {
      throw new IllegalArgumentException(
          "a polygon needs at least %d points, and a frame as many as a polygon, not %d and %d"
              .formatted(MIN_POINTS, maxPointsPerPolygon, maxPoints));
    }
    ignoredClasses = Set.copyOf(ignoredClasses);
    if (ignoredClasses.stream().anyMatch(id -> id < 0 || id > 255)) {
      throw new IllegalArgumentException("class indices are 0 to 255, not " + ignoredClasses);
    }
  }
}
