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
 * @param brightness the brightness of a camera's picture of it; 1 by day
 */
record Weather(
    Vec sunDirection,
    Colour sun,
    Colour ambient,
    Colour zenith,
    Colour horizon,
    Colour cloud,
    double cloudiness,
    boolean dark,
    double brightness) {

  static final double DUSK_BRIGHTNESS = 0.6;

  /** The height of a sun that doesn't shine. */
  private static final double NO_SHADOWS = 0.8;

  /** A weather of one of four kinds: clear, low sun, overcast or dusk. */
  static Weather of(SplittableHash hash) {
    double kind = hash.uniform("weather", 0, 1);
    double azimuth = azimuth(hash);
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
          false,
          1);
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
          false,
          1);
    }
    if (kind < 0.85) {
      return overcast(hash);
    }
    // Dusk: lit windows under a sky that still glows.
    double glow = hash.uniform("glow", 0, 1);
    return new Weather(
        direction(azimuth, NO_SHADOWS),
        Colour.grey(0),
        new Colour(0.75 + 0.25 * glow, 0.78, 1 - 0.2 * glow),
        new Colour(0.3, 0.36, 0.62).times(hash.uniform("night", 0.5, 1.4)),
        new Colour(0.75 + 0.6 * glow, 0.6, 0.75 - 0.3 * glow),
        new Colour(0.5, 0.42, 0.5),
        hash.uniform("cloudiness", 0, 0.8),
        true,
        DUSK_BRIGHTNESS);
  }

  /** Light from everywhere. */
  static Weather overcast(SplittableHash hash) {
    double brightness = hash.uniform("sky", 0.75, 1.25);
    double cast = hash.uniform("cast", 0.94, 1.08);
    Colour grey = new Colour(brightness / cast, brightness, brightness * cast);
    return new Weather(
        direction(azimuth(hash), NO_SHADOWS),
        Colour.grey(0),
        new Colour(0.95, 1, 1.05),
        grey.times(0.85),
        grey,
        grey.times(hash.uniform("cloud", 0.6, 1.05)),
        hash.uniform("cloudiness", 0.3, 1),
        false,
        1);
  }

  /** The light of street lamps, warm or white, under a black sky. */
  static Weather night(SplittableHash hash) {
    double warmth = hash.uniform("lamps", 0, 1);
    return new Weather(
        direction(azimuth(hash), NO_SHADOWS),
        Colour.grey(0),
        new Colour(0.3, 0.3 - 0.06 * warmth, 0.3 - 0.16 * warmth),
        Colour.grey(hash.uniform("night", 0.005, 0.03)),
        new Colour(0.12, 0.1, 0.08).times(hash.uniform("city", 0.3, 1)),
        Colour.grey(0.04),
        hash.uniform("cloudiness", 0, 0.8),
        true,
        hash.uniform("brightness", 0.2, 0.4));
  }

  private static double azimuth(SplittableHash hash) {
    return hash.uniform("azimuth", 0, 2 * StrictMath.PI);
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
