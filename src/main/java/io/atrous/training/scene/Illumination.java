package io.atrous.training.scene;

/**
 * The light of a scene and what a camera makes of it: sun, sky, haze, exposure, white balance.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Illumination {

  private static final int TONES = 4096;

  private final Vec sunDirection;
  private final Colour sun;
  private final Colour ambient;
  private final Colour zenith;
  private final Colour horizon;
  private final Colour cloud;
  private final double cloudiness;
  private final int cloudSeed;
  private final double hazeMetres;
  private final double vignetting;
  private final double noise;
  private final boolean dark;
  private final Colour exposure;
  private final Skyline skyline;
  private final byte[] tones = new byte[TONES];

  private Illumination(
      SplittableHash hash,
      Skyline skyline,
      Vec sunDirection,
      Colour sun,
      Colour ambient,
      Colour zenith,
      Colour horizon,
      Colour cloud,
      double cloudiness,
      boolean dark) {
    this.sunDirection = sunDirection;
    this.sun = sun;
    this.ambient = ambient;
    this.zenith = zenith;
    this.horizon = horizon;
    this.cloud = cloud;
    this.cloudiness = cloudiness;
    this.dark = dark;
    this.skyline = skyline;
    this.cloudSeed = hash.child("clouds").seed();
    this.hazeMetres =
        hash.chance("fog", 0.15) ? hash.uniform("dense", 90, 300) : hash.uniform("thin", 500, 3000);
    this.vignetting = hash.uniform("vignetting", 0.05, 0.45);
    this.noise = dark ? hash.uniform("noise", 4, 8) : hash.uniform("noise", 1, 5);
    double metered = ambient.luminance() + 0.45 * sun.luminance();
    double gain = hash.uniform("exposure", 0.8, 1.25) * (dark ? 0.6 : 1) / metered;
    double warmth = hash.uniform("white balance", -0.09, 0.09);
    double tint = hash.uniform("tint", -0.03, 0.03);
    this.exposure = new Colour(gain * (1 + warmth), gain * (1 + tint), gain * (1 - warmth));
    double contrast = hash.uniform("contrast", 0.85, 1.15);
    for (int i = 0; i < TONES; i++) {
      double linear = 2.0 * i / TONES;
      double value = StrictMath.pow(linear / (1 + 0.3 * linear), 0.5 * contrast);
      tones[i] = (byte) Math.min(255, Math.round(255 * value));
    }
  }

  static Illumination of(SplittableHash hash, Skyline skyline) {
    double weather = hash.uniform("weather", 0, 1);
    double azimuth = hash.uniform("azimuth", 0, 2 * StrictMath.PI);
    if (weather < 0.4) {
      // A clear or half-clouded day.
      Colour zenith =
          Colour.hsv(hash.uniform("hue", 0.55, 0.62), hash.uniform("blue", 0.35, 0.75), 1.0);
      return new Illumination(
          hash,
          skyline,
          direction(azimuth, hash.uniform("elevation", 0.4, 1.1)),
          new Colour(1.9, 1.8, 1.6),
          new Colour(0.62, 0.7, 0.85),
          zenith.times(hash.uniform("depth", 0.6, 1.1)),
          new Colour(1.15, 1.2, 1.25),
          Colour.grey(1.6),
          hash.uniform("cloudiness", 0, 0.75),
          false);
    }
    if (weather < 0.55) {
      // The low sun of morning and evening.
      double warmth = hash.uniform("warmth", 0, 1);
      return new Illumination(
          hash,
          skyline,
          direction(azimuth, hash.uniform("elevation", 0.12, 0.4)),
          new Colour(1.8, 1.5 - 0.35 * warmth, 1.15 - 0.65 * warmth),
          new Colour(0.6, 0.62, 0.75),
          new Colour(0.55, 0.68, 0.95),
          new Colour(1.35, 1.15 - 0.2 * warmth, 0.95 - 0.35 * warmth),
          new Colour(1.4, 1.2, 1.1),
          hash.uniform("cloudiness", 0, 0.8),
          false);
    }
    if (weather < 0.85) {
      // Overcast: light from everywhere.
      double brightness = hash.uniform("sky", 0.75, 1.25);
      double cast = hash.uniform("cast", 0.94, 1.08);
      Colour grey = new Colour(brightness / cast, brightness, brightness * cast);
      return new Illumination(
          hash,
          skyline,
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
    return new Illumination(
        hash,
        skyline,
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

  boolean hasSun() {
    return sun.luminance() > 0;
  }

  Vec sunDirection() {
    return sunDirection;
  }

  /** Whether lamps are lit. */
  boolean dark() {
    return dark;
  }

  double vignetting() {
    return vignetting;
  }

  /** Standard deviation of the sensor's noise, in steps of 255. */
  double noise() {
    return noise;
  }

  /** The colour of a window that mirrors the sky. */
  Colour reflection() {
    return zenith.towards(horizon, 0.5).times(0.35);
  }

  /** 1 where the sun shines, 0 in the shadow of a building. */
  double reaches(double x, double y, double z) {
    return skyline.sunlight(sunDirection, x, y, z);
  }

  /** How bright shaded ground is beside sunlit ground, as displayed: 0 to 1. */
  double shadowBrightness() {
    double shaded = ambient.luminance();
    return Math.sqrt(shaded / (shaded + sun.luminance() * sunDirection.y()));
  }

  /** The light that falls on a surface: from the sky, and from the sun where it reaches. */
  record Incident(Colour sky, Colour sun, boolean sunny) {}

  Incident on(Surface surface) {
    double facing = surface.flat() ? 0.55 : Math.max(0, surface.normal().dot(sunDirection));
    double open = surface.flat() ? 0.85 : 0.7 + 0.3 * surface.normal().y();
    return new Incident(ambient.times(open), sun.times(facing), hasSun() && facing > 0);
  }

  /** What the sensor makes of a point: 0xRRGGBB. */
  int develop(
      Fragment fragment,
      Incident incident,
      double x,
      double y,
      double z,
      double depth,
      double vignette) {
    double sunlight = incident.sunny() ? reaches(x, y, z) : 0;
    Colour sky = incident.sky();
    Colour direct = incident.sun();
    double haze = depth / (depth + hazeMetres);
    double clear = (1 - haze) * vignette;
    double veil = haze * 0.8 * vignette;
    double glow = fragment.glow;
    return tone(
                (fragment.red * (sky.red() + sunlight * direct.red() + glow) * clear
                        + horizon.red() * veil)
                    * exposure.red())
            << 16
        | tone(
                (fragment.green * (sky.green() + sunlight * direct.green() + glow) * clear
                        + horizon.green() * veil)
                    * exposure.green())
            << 8
        | tone(
            (fragment.blue * (sky.blue() + sunlight * direct.blue() + glow) * clear
                    + horizon.blue() * veil)
                * exposure.blue());
  }

  /** What the sensor makes of the sky in a direction: 0xRRGGBB. */
  int sky(Vec ray, double vignette) {
    double up = Math.max(0, ray.y()) / Math.sqrt(ray.dot(ray));
    double rise = Math.min(1, up * 2.2);
    double lift = 1 / (Math.max(0, ray.y()) + 0.12);
    double wisps = Noise.fractal(cloudSeed, ray.x() * lift * 0.9, ray.z() * lift * 0.9);
    double cover = Math.max(0, Math.min(1, (wisps - 0.75 + 0.55 * cloudiness) * 5));
    double shading = 0.8 + 0.4 * wisps;
    double blend = Math.sqrt(rise);
    return tone(
                vignette
                    * exposure.red()
                    * mix(horizon.red(), zenith.red(), cloud.red() * shading, blend, cover))
            << 16
        | tone(
                vignette
                    * exposure.green()
                    * mix(horizon.green(), zenith.green(), cloud.green() * shading, blend, cover))
            << 8
        | tone(
            vignette
                * exposure.blue()
                * mix(horizon.blue(), zenith.blue(), cloud.blue() * shading, blend, cover));
  }

  private static double mix(double low, double high, double cloud, double rise, double cover) {
    double clear = low + (high - low) * rise;
    return clear + (cloud - clear) * cover;
  }

  private int tone(double linear) {
    int at = (int) (linear * (TONES / 2));
    return tones[at < 0 ? 0 : at >= TONES ? TONES - 1 : at] & 0xFF;
  }
}
