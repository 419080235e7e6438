package io.atrous.mask;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The rings of a region as they are found: first its outside, then its holes.
 *
 * <p><b>Threading:</b> confined to its owner.
 */
final class Outline {

  private record Hole(List<Point> points, double area) {}

  private final double wantedTolerancePixels;
  private final List<Hole> holes = new ArrayList<>(0);
  private List<Point> outer = List.of();
  private double tolerancePixels;

  /**
   * @param tolerancePixels the tolerance of simplification, in pixels of the frame; larger for
   *     rings with too many points
   */
  Outline(double tolerancePixels) {
    this.wantedTolerancePixels = tolerancePixels;
    this.tolerancePixels = tolerancePixels;
  }

  boolean isEmpty() {
    return outer.isEmpty();
  }

  /** Takes the next ring, and the area that it encloses. */
  void add(Ring.Simplified ring, double area) {
    if (outer.isEmpty()) {
      outer = ring.points();
    } else {
      holes.add(new Hole(ring.points(), area));
    }
    tolerancePixels = Math.max(tolerancePixels, ring.tolerancePixels());
  }

  /**
   * With at most that many points, of which its outside has no more; the largest holes are kept.
   */
  Polygon polygon(int maxPoints) {
    long points = outer.size() + holes.stream().mapToLong(hole -> hole.points.size()).sum();
    if (points <= maxPoints) {
      return new Polygon(
          outer,
          holes.stream().map(Hole::points).toList(),
          tolerancePixels,
          tolerancePixels > wantedTolerancePixels);
    }
    List<List<Point>> kept = new ArrayList<>();
    int left = maxPoints - outer.size();
    for (Hole hole : holes.stream().sorted(Comparator.comparing(Hole::area).reversed()).toList()) {
      left -= hole.points.size();
      if (left < 0) {
        break;
      }
      kept.add(hole.points);
    }
    return new Polygon(outer, kept, tolerancePixels, true);
  }
}
