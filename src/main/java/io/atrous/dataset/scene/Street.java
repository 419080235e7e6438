package io.atrous.dataset.scene;

/**
 * The plan of a street: what lies beside what, from the middle of the road outwards.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param lanes for each direction
 * @param laneMetres width of a lane
 */
record Street(SplittableHash hash, int lanes, double laneMetres, Side left, Side right) {

  /** The street is open up to here, where it ends at a square. */
  static final double END_METRES = 150;

  /**
   * One side of the street, as distances from the road's middle in metres.
   *
   * @param sign -1 left, 1 right
   * @param kerb the distance at which the road ends
   * @param verge the distance at which the strip of grass ends; at the kerb if there is none
   * @param pavement the distance at which the pavement ends
   * @param facade the distance at which the buildings stand; at the pavement's end if there is no
   *     garden
   * @param parking true if cars park along the kerb
   */
  record Side(
      SplittableHash hash,
      int sign,
      double kerb,
      double verge,
      double pavement,
      double facade,
      boolean parking) {

    static Side of(SplittableHash hash, int sign, double lanes) {
      boolean parking = hash.chance("parking", 0.6);
      double kerb = lanes + (parking ? 2.3 : hash.uniform("gutter", 0.2, 0.8));
      double verge = kerb + (hash.chance("grass", 0.35) ? hash.uniform("verge", 1, 2.6) : 0);
      double pavement = verge + hash.uniform("width", 1.9, 4.8);
      double facade = pavement + (hash.chance("garden", 0.4) ? hash.uniform("front", 1.2, 5) : 0);
      return new Side(hash, sign, kerb, verge, pavement, facade, parking);
    }

    boolean hasVerge() {
      return verge > kerb;
    }

    boolean hasGarden() {
      return facade > pavement;
    }

    /** An x at this distance from the middle. */
    double x(double distance) {
      return sign * distance;
    }
  }

  static Street of(SplittableHash hash) {
    int lanes = hash.chance("wide", 0.25) ? 2 : 1;
    double laneMetres = hash.uniform("lane", 2.9, 3.6);
    return new Street(
        hash,
        lanes,
        laneMetres,
        Side.of(hash.child("left"), -1, lanes * laneMetres),
        Side.of(hash.child("right"), 1, lanes * laneMetres));
  }

  Side side(int sign) {
    return sign < 0 ? left : right;
  }

  /** Returns the z of the crossing, or a negative number if there is none. */
  double crossing() {
    return hash.chance("zebra", 0.5) ? hash.uniform("crossing", 9, 45) : -1;
  }
}
