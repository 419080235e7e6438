package io.atrous.dataset.scene;

import java.util.List;

/**
 * A convex piece of a plane. A point of it is {@code origin + u * uAxis + v * vAxis}.
 *
 * @param label the class of its pixels
 * @param uAxis a unit vector
 * @param vAxis a unit vector, perpendicular to the other
 * @param outline the corners as (u, v) in order, three or more
 * @param normal a unit vector on the visible side
 * @param flat true if it stands in for a round thing: seen and lit from every side
 */
record Surface(
    int label,
    Vec origin,
    Vec uAxis,
    Vec vAxis,
    List<double[]> outline,
    Vec normal,
    boolean flat,
    Material material) {

  static final Vec UP = new Vec(0, 1, 0);
  static final Vec ALONG = new Vec(0, 0, 1);
  static final Vec ACROSS = new Vec(1, 0, 0);

  /** A rectangle u0..u1 by v0..v1. */
  static List<double[]> rectangle(double u0, double u1, double v0, double v1) {
    return List.of(
        new double[] {u0, v0}, new double[] {u1, v0}, new double[] {u1, v1}, new double[] {u0, v1});
  }

  /** A rectangle of level ground; u is x, v is z. */
  static Surface ground(int label, double x0, double x1, double z0, double z1, Material material) {
    return new Surface(
        label, new Vec(0, 0, 0), ACROSS, ALONG, rectangle(x0, x1, z0, z1), UP, false, material);
  }

  /** An upright rectangle parallel to the street; u is z, v is y. */
  static Surface along(
      int label,
      double x,
      double z0,
      double z1,
      double y0,
      double y1,
      int side,
      Material material) {
    return new Surface(
        label,
        new Vec(x, 0, 0),
        ALONG,
        UP,
        rectangle(z0, z1, y0, y1),
        new Vec(side, 0, 0),
        false,
        material);
  }

  /** An upright rectangle across the street, seen from smaller z; u is x, v is y. */
  static Surface across(
      int label, double z, double x0, double x1, double y0, double y1, Material material) {
    return new Surface(
        label,
        new Vec(0, 0, z),
        ACROSS,
        UP,
        rectangle(x0, x1, y0, y1),
        new Vec(0, 0, -1),
        false,
        material);
  }

  /** Returns this in vivid colours, of which none is what it was. */
  Surface repainted() {
    return new Surface(
        label,
        origin,
        uAxis,
        vAxis,
        outline,
        normal,
        flat,
        fragment -> {
          if (!material.shade(fragment)) {
            return false;
          }
          fragment.repaint();
          return true;
        });
  }

  Vec point(double u, double v) {
    return origin.plus(uAxis.times(u)).plus(vAxis.times(v));
  }
}
