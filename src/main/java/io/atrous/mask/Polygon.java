package io.atrous.mask;

import java.util.List;

/**
 * A region's outline in pixels of the frame, following pixel edges and simplified. Rings aren't
 * closed by repeating their first point.
 *
 * <p>It is valid by the rules of OGC's Simple Features: no ring crosses or touches itself, holes
 * lie inside of the outer ring and outside of each other, and two rings touch in one point at most.
 *
 * @param outer clockwise on the screen
 * @param holes counter-clockwise on the screen; those below the minimum area are left out
 * @param tolerancePixels no point of a ring's exact outline is farther than this from the
 *     simplified ring
 * @param capped true if there were more points than the cap: the tolerance is larger than was asked
 *     for, or small holes are left out
 */
public record Polygon(
    List<Point> outer, List<List<Point>> holes, double tolerancePixels, boolean capped) {

  /** Creates a polygon within the cap. */
  public Polygon(List<Point> outer, List<List<Point>> holes, double tolerancePixels) {
    this(outer, holes, tolerancePixels, false);
  }

  public Polygon {
    outer = List.copyOf(outer);
    holes = holes.stream().map(List::copyOf).toList();
  }
}
