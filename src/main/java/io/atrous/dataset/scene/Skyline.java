package io.atrous.dataset.scene;

/**
 * The heights of the two rows of buildings, metre by metre along the street, which say where the
 * sun reaches between them.
 *
 * @param leftX the x at which the left row stands
 * @param rightX the x at which the right row stands
 * @param left heights in metres, from {@link #START} on
 * @param right heights in metres, from {@link #START} on
 */
@SuppressWarnings("ArrayRecordComponent")
record Skyline(double leftX, double rightX, double[] left, double[] right) {

  /** The z of the first height; the street begins behind the camera so that its shadows do. */
  static final int START = -60;

  /** The metres of street that have heights. */
  static final int LENGTH = 320;

  /** Returns 1 in the sun, 0 in the shadow of a building, and between at the shadow's edge. */
  double sunlight(Vec sun, double x, double y, double z) {
    boolean fromLeft = sun.x() < 0;
    double across = fromLeft ? (x - leftX) / -sun.x() : (rightX - x) / sun.x();
    if (!(across > 0) || across > 1e4) {
      return 1;
    }
    int at = Noise.floor(z + sun.z() * across) - START;
    if (at < 0 || at >= LENGTH) {
      return 1;
    }
    double clearance = y + sun.y() * across - (fromLeft ? left : right)[at];
    return clearance <= -0.3 ? 0 : clearance >= 0.3 ? 1 : (clearance + 0.3) / 0.6;
  }
}
