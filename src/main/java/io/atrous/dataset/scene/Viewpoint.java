package io.atrous.dataset.scene;

/**
 * The position and the direction of a camera.
 *
 * @param position the position of the lens
 * @param forward unit vector of the optical axis
 * @param right unit vector of the image's x axis
 * @param up unit vector against the image's y axis
 * @param focal focal length in image widths
 */
record Viewpoint(Vec position, Vec forward, Vec right, Vec up, double focal) {

  /** Makes one from angles in radians: yaw to the right, pitch down, roll clockwise. */
  static Viewpoint of(Vec position, double yaw, double pitch, double roll, double focal) {
    double sinYaw = StrictMath.sin(yaw);
    double cosYaw = StrictMath.cos(yaw);
    double sinPitch = StrictMath.sin(pitch);
    double cosPitch = StrictMath.cos(pitch);
    Vec forward = new Vec(sinYaw * cosPitch, -sinPitch, cosYaw * cosPitch);
    Vec level = new Vec(cosYaw, 0, -sinYaw);
    Vec upright = forward.cross(level);
    double sinRoll = StrictMath.sin(roll);
    double cosRoll = StrictMath.cos(roll);
    return new Viewpoint(
        position,
        forward,
        level.times(cosRoll).minus(upright.times(sinRoll)),
        upright.times(cosRoll).plus(level.times(sinRoll)),
        focal);
  }

  /** A horizontal unit vector across the view: flat figures stand along it to face the camera. */
  Vec across() {
    return new Vec(forward.z(), 0, -forward.x()).unit();
  }
}
