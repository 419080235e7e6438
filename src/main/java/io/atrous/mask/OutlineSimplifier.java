package io.atrous.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes valid polygons of outlines: places them in the frame, and simplifies each ring as far as
 * its tolerance and the other rings permit. A ring that then has too many points gets twice the
 * tolerance, and so on; in the end an outside becomes the box around it, and a hole is left out.
 *
 * <p><b>Threading:</b> confined to its owner; scratch memory is kept from outline to outline.
 */
final class OutlineSimplifier {

  private static final int MIN_RING_POINTS = 3;

  private final RingRepair repair = new RingRepair();

  /**
   * Makes the polygon of an outline.
   *
   * @param scaleX frame pixels per mask pixel
   * @param scaleY likewise, down
   * @param tolerancePixels the tolerance in frame pixels; 0 keeps every corner
   * @param maxPoints the most points of all rings, at least those of a box
   */
  Polygon simplify(
      Outline outline, double scaleX, double scaleY, double tolerancePixels, int maxPoints) {
    List<Ring> rings = new ArrayList<>(outline.largest(maxPoints / MIN_RING_POINTS));
    for (Ring ring : rings) {
      ring.place(scaleX, scaleY);
      ring.simplify(tolerancePixels);
    }
    Ring outer = rings.get(0);
    double leastLargerTolerance = Math.max(scaleX, scaleY);
    do {
      rings.removeIf(ring -> !shorten(ring, leastLargerTolerance, maxPoints));
      if (!rings.contains(outer)) {
        double boxTolerance = Math.max(tolerancePixels, outer.boxTolerancePixels());
        return new Polygon(outer.box(), List.of(), boxTolerance, true);
      }
    } while (!repair.repair(rings, maxPoints));
    return polygon(Outline.largestWithin(rings, maxPoints), outline.size(), tolerancePixels);
  }

  private static Polygon polygon(List<Ring> rings, int ringCount, double tolerancePixels) {
    List<List<Point>> holes = new ArrayList<>(rings.size() - 1);
    double largestTolerance = rings.get(0).tolerancePixels();
    for (Ring hole : rings.subList(1, rings.size())) {
      holes.add(hole.points());
      largestTolerance = Math.max(largestTolerance, hole.tolerancePixels());
    }
    return new Polygon(
        rings.get(0).points(),
        holes,
        largestTolerance,
        rings.size() < ringCount || largestTolerance > tolerancePixels);
  }

  /**
   * Simplifies a ring further if it has too many points.
   *
   * @return false if it still has when the box around it is as near
   */
  private static boolean shorten(Ring ring, double leastTolerance, int maxPoints) {
    while (ring.keptCount() > maxPoints) {
      double tolerance = Math.max(2 * ring.tolerancePixels(), leastTolerance);
      if (tolerance >= ring.boxTolerancePixels()) {
        return false;
      }
      ring.simplify(tolerance);
    }
    return true;
  }
}
