package io.atrous.dataset.scene;

import static io.atrous.dataset.scene.StreetClass.PERSON;

/**
 * Someone on foot: a flat figure that faces the camera, with legs that walk.
 *
 * @param height the height, in metres
 */
record Pedestrian(SplittableHash hash, double height) {

  static Pedestrian of(SplittableHash hash) {
    return new Pedestrian(
        hash,
        hash.chance("child", 0.12)
            ? hash.uniform("small", 1.1, 1.4)
            : hash.uniform("tall", 1.55, 1.92));
  }

  /**
   * Returns the surface that is seen.
   *
   * @param metresWalked how far the walk has come, which says where the legs are
   */
  Surface surface(double x, double z, double metresWalked, Viewpoint view) {
    return new Surface(
        PERSON.index(),
        new Vec(x, 0, z),
        view.across(),
        Surface.UP,
        Surface.rectangle(-0.45 * height, 0.45 * height, 0, height),
        view.forward().times(-1),
        true,
        figure(metresWalked));
  }

  ShadowCaster shadow(double x, double z) {
    return new ShadowCaster(new Vec(x, 0.5 * height, z), new Vec(0.2, 0.5 * height, 0.2), true);
  }

  private Material figure(double metresWalked) {
    Colour skin = Colour.hsv(0.07, 0.45, hash.uniform("skin", 0.12, 0.65));
    Colour hair =
        Colour.hsv(0.08, hash.uniform("blond", 0.1, 0.6), hash.uniform("hair", 0.02, 0.3));
    Colour top = cloth(hash.child("top"));
    Colour trousers = cloth(hash.child("trousers")).times(0.7);
    boolean coat = hash.chance("coat", 0.3);
    boolean bag = hash.chance("bag", 0.25);
    Colour leather = cloth(hash.child("bag"));
    double build = hash.uniform("build", 0.9, 1.25);
    double side = hash.chance("left-handed", 0.5) ? 1 : -1;
    double step = metresWalked / (0.85 * height);
    // A triangle wave: -1 to 1 and back in two steps.
    double swing = 4 * Math.abs(Noise.fraction(step) - 0.5) - 1;
    int seed = hash.seed();
    return fragment -> {
      double x = fragment.u / height;
      double y = fragment.v / height;
      double folds = 0.8 + 0.4 * Noise.smooth(seed, x * 18, y * 14) - 0.5 * x * side;
      // The head.
      if (ellipse(x, y - 0.925, 0.055, 0.075)) {
        fragment.paint(y > 0.95 || x * side > 0.03 ? hair : skin, folds);
        return true;
      }
      // The trunk, wider at the shoulders; a coat reaches to the knees.
      double hem = coat ? 0.3 : 0.47;
      double half = build * (y > 0.7 ? 0.115 : coat ? 0.1 + 0.06 * (0.7 - y) : 0.095);
      if (y > hem && y < 0.845 && Math.abs(x) < half * (y > 0.8 ? 1 - 6 * (y - 0.8) : 1)) {
        fragment.paint(top, folds);
        return true;
      }
      if (bag && ellipse(x - side * 0.15, y - 0.5, 0.06, 0.08)) {
        fragment.paint(leather, folds);
        return true;
      }
      // The arms swing against the legs.
      if (y > 0.42 && y < 0.82) {
        double drop = 0.82 - y;
        double arm = Math.abs(x) - build * 0.13 - 0.05 * drop * (1 + 0.6 * swing * Math.signum(x));
        if (Math.abs(arm) < 0.028) {
          fragment.paint(y < 0.47 ? skin : top, 0.85 * folds);
          return true;
        }
      }
      if (y < 0.5) {
        double stride = 0.03 + (0.5 - y) * 0.26 * swing;
        if (Math.abs(x - stride) < 0.05 || Math.abs(x + stride) < 0.05) {
          fragment.paint(y < 0.04 ? hair : trousers, folds);
          return true;
        }
      }
      return false;
    };
  }

  private static boolean ellipse(double x, double y, double a, double b) {
    return x * x / (a * a) + y * y / (b * b) < 1;
  }

  private static Colour cloth(SplittableHash hash) {
    double value = hash.uniform("value", 0.03, 0.65);
    return switch (hash.below("kind", 5)) {
      case 0, 1 -> Colour.grey(value);
      case 2 -> Colour.hsv(0.61, hash.uniform("blue", 0.3, 0.7), 0.6 * value);
      default -> Colour.hsv(hash.uniform("hue", 0, 1), hash.uniform("pure", 0.1, 0.85), value);
    };
  }
}
