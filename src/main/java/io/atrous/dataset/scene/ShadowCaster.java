package io.atrous.dataset.scene;

/**
 * Something that stands on the ground and keeps light from it: a box, or an ellipsoid above it.
 *
 * @param centre the middle of the body
 * @param radii half its size
 * @param round an ellipsoid, else a box
 */
record ShadowCaster(Vec centre, Vec radii, boolean round) {

  /** The reach of the darkness beside a thing when light comes from everywhere. */
  private static final double CONTACT_METRES = 0.5;

  private static final double LONGEST_METRES = 30;

  /** The piece of ground outside of which nothing is darkened. */
  Surface footprint(Illumination light) {
    double x0 = centre.x() - radii.x() - CONTACT_METRES;
    double x1 = centre.x() + radii.x() + CONTACT_METRES;
    double z0 = centre.z() - radii.z() - CONTACT_METRES;
    double z1 = centre.z() + radii.z() + CONTACT_METRES;
    if (light.hasSun()) {
      Vec sun = light.sunDirection();
      double reach = Math.min(LONGEST_METRES, (centre.y() + radii.y()) / sun.y());
      x0 = Math.min(x0, x0 - sun.x() * reach);
      x1 = Math.max(x1, x1 - sun.x() * reach);
      z0 = Math.min(z0, z0 - sun.z() * reach);
      z1 = Math.max(z1, z1 - sun.z() * reach);
    }
    return Surface.ground(0, x0, x1, z0, z1, fragment -> true);
  }

  /** Returns the share of light that is left at a point of the ground, 0 to 1. */
  double remainingLight(Illumination light, double x, double z) {
    double gap =
        Math.max(Math.abs(x - centre.x()) - radii.x(), Math.abs(z - centre.z()) - radii.z());
    boolean grounded = centre.y() - radii.y() < CONTACT_METRES;
    double contact = grounded ? Math.max(0, Math.min(1, 1 - gap / CONTACT_METRES)) : 0;
    double left = 1 - 0.45 * contact;
    if (light.hasSun() && blocks(light.sunDirection(), x, z)) {
      left *= 1 - (1 - light.shadowBrightness()) * light.reaches(x, 0, z);
    }
    return left;
  }

  private boolean blocks(Vec sun, double x, double z) {
    double ox = (x - centre.x()) / radii.x();
    double oy = -centre.y() / radii.y();
    double oz = (z - centre.z()) / radii.z();
    double dx = sun.x() / radii.x();
    double dy = sun.y() / radii.y();
    double dz = sun.z() / radii.z();
    if (round) {
      double along = ox * dx + oy * dy + oz * dz;
      double direction = dx * dx + dy * dy + dz * dz;
      return along * along > direction * (ox * ox + oy * oy + oz * oz - 1);
    }
    double enter = Math.max(enter(ox, dx), Math.max(enter(oy, dy), enter(oz, dz)));
    double leave = Math.min(leave(ox, dx), Math.min(leave(oy, dy), leave(oz, dz)));
    return enter < leave;
  }

  private static double enter(double offset, double direction) {
    return Math.min((-1 - offset) / direction, (1 - offset) / direction);
  }

  private static double leave(double offset, double direction) {
    return Math.max((-1 - offset) / direction, (1 - offset) / direction);
  }
}
