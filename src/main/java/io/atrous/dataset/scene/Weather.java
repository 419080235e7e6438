package io.atrous.dataset.scene;

/**
 * The light of a scene.
 *
 * @param sunDirection a unit vector towards the sun
 * @param sun what falls on a surface that faces the sun; black if it is hidden
 * @param ambient what falls on a surface from everywhere
 * @param zenith the sky's colour overhead
 * @param horizon the sky's colour down there, and that of haze
 * @param cloud the clouds' colour
 * @param cloudiness 0 for none to 1 for most of the sky
 * @param dark true if lamps are lit
 */
record Weather(
    Vec sunDirection,
    Colour sun,
    Colour ambient,
    Colour zenith,
    Colour horizon,
    Colour cloud,
    double cloudiness,
    boolean dark) {

  /** A weather of one of four kinds: clear, low sun, overcast or dusk. */
  static Weather of(SplittableHash hash) {
    double kind = hash.uniform("weather", 0, 1);
    double azimuth = hash.uniform("azimuth", 0, 2 * StrictMath.PI);
    if (kind < 0.4) {
      // A clear or half-clouded day.
      Colour zenith =
          Colour.hsv(hash.uniform("hue", 0.55, 0.62), hash.uniform("blue", 0.35, 0.75), 1.0);
      return new Weather(
          direction(azimuth, hash.uniform("elevation", 0.4, 1.1)),
          new Colour(1.9, 1.8, 1.6),
          new Colour(0.62, 0.7, 0.85),
          zenith.times(hash.uniform("depth", 0.6, 1.1)),
          new Colour(1.15, 1.2, 1.25),
          Colour.grey(1.6),
          hash.uniform("cloudiness", 0, 0.75),
          false);
    }
    if (kind < 0.55) {
      // The low sun of morning and evening.
      double warmth = hash.uniform("warmth", 0, 1);
      return new Weather(
          direction(azimuth, hash.uniform("elevation", 0.12, 0.4)),
          new Colour(1.8, 1.5 - 0.35 * warmth, 1.15 - 0.65 * warmth),
          new Colour(0.6, 0.62, 0.75),
          new Colour(0.55, 0.68, 0.95),
          new Colour(1.35, 1.15 - 0.2 * warmth, 0.95 - 0.35 * warmth),
          new Colour(1.4, 1.2, 1.1),
          hash.uniform("cloudiness", 0, 0.8),
          false);
    }
    if (kind < 0.85) {
      // Overcast: light from everywhere.
      double brightness = hash.uniform("sky", 0.75, 1.25);
      double cast = hash.uniform("cast", 0.94, 1.08);
      Colour grey = new Colour(brightness / cast, brightness, brightness * cast);
      return new Weather(
          direction(azimuth, 0.8),
          Colour.grey(0),
          new Colour(0.95, 1, 1.05),
          grey.times(0.85),
          grey,
          grey.times(hash.uniform("cloud", 0.6, 1.05)),
          hash.uniform("cloudiness", 0.3, 1),
          false);
    }
    // Dusk: lit windows under a sky that still glows.
    double glow = hash.uniform("glow", 0, 1);
    return new Weather(
        direction(azimuth, 0.8),
        Colour.grey(0),
        new Colour(0.75 + 0.25 * glow, 0.78, 1 - 0.2 * glow),
        new Colour(0.3, 0.36, 0.62).times(hash.uniform("night", 0.5, 1.4)),
        new Colour(0.75 + 0.6 * glow, 0.6, 0.75 - 0.3 * glow),
        new Colour(0.5, 0.42, 0.5),
        hash.uniform("cloudiness", 0, 0.8),
        true);
  }

  private static Vec direction(double azimuth, double elevation) {
    double level = StrictMath.cos(elevation);
    // Never exactly along an axis: shadows divide by each part.
    return new Vec(
            level * StrictMath.sin(azimuth) + 1e-6,
            StrictMath.sin(elevation),
            level * StrictMath.cos(azimuth) + 1e-6)
        .unit();
  }
}
