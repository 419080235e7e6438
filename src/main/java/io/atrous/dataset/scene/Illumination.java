package io.atrous.dataset.scene;

import io.atrous.dataset.scene.Conditions.Hardship;

/**
 * The light of a scene and what a camera makes of it: sun, sky, haze, exposure, white balance.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Illumination {

  private static final int TONES = 4096;

  /** The farthest that one sees where no rain falls. */
  private static final double CLEAR_METRES = Double.POSITIVE_INFINITY;

  private final Weather weather;
  private final int cloudSeed;
  private final double hazeMetres;
  private final double vignetting;
  private final double noise;
  private final Colour exposure;
  private final Skyline skyline;
  private final byte[] tones = new byte[TONES];

  private Illumination(
      SplittableHash hash, Skyline skyline, Weather weather, double visibleMetres) {
    this.weather = weather;
    this.skyline = skyline;
    this.cloudSeed = hash.child("clouds").seed();
    double hazeMetres =
        hash.chance("fog", 0.15) ? hash.uniform("dense", 90, 300) : hash.uniform("thin", 500, 3000);
    this.hazeMetres = Math.min(hazeMetres, visibleMetres);
    this.vignetting = hash.uniform("vignetting", 0.05, 0.45);
    // The darker it is, the more the sensor amplifies.
    this.noise =
        weather.dark()
            ? hash.uniform("noise", 4, 8) * Weather.DUSK_BRIGHTNESS / weather.brightness()
            : hash.uniform("noise", 1, 5);
    double metered = weather.ambient().luminance() + 0.45 * weather.sun().luminance();
    double gain = hash.uniform("exposure", 0.8, 1.25) * weather.brightness() / metered;
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

  static Illumination of(SplittableHash hash, Skyline skyline, Hardship hardship) {
    return switch (hardship) {
      case NONE, COLOURS -> new Illumination(hash, skyline, Weather.of(hash), CLEAR_METRES);
      case NIGHT -> new Illumination(hash, skyline, Weather.night(hash), CLEAR_METRES);
      case RAIN ->
          new Illumination(hash, skyline, Weather.overcast(hash), hash.uniform("rain", 40, 140));
    };
  }

  boolean hasSun() {
    return weather.sun().luminance() > 0;
  }

  Vec sunDirection() {
    return weather.sunDirection();
  }

  /** Returns whether lamps are lit. */
  boolean dark() {
    return weather.dark();
  }

  double vignetting() {
    return vignetting;
  }

  /** Standard deviation of the sensor's noise, in steps of 255. */
  double noise() {
    return noise;
  }

  /** Returns 1 where the sun shines, 0 in the shadow of a building. */
  double reaches(double x, double y, double z) {
    return skyline.sunlight(weather.sunDirection(), x, y, z);
  }

  /** Returns the brightness of shaded ground beside sunlit ground, as displayed: 0 to 1. */
  double shadowBrightness() {
    double shaded = weather.ambient().luminance();
    return Math.sqrt(shaded / (shaded + weather.sun().luminance() * weather.sunDirection().y()));
  }

  /** The light that falls on a surface: from the sky, and from the sun where it reaches. */
  record Incident(Colour sky, Colour sun, boolean sunny) {}

  Incident on(Surface surface) {
    double facing =
        surface.flat() ? 0.55 : Math.max(0, surface.normal().dot(weather.sunDirection()));
    double open = surface.flat() ? 0.85 : 0.7 + 0.3 * surface.normal().y();
    return new Incident(
        weather.ambient().times(open), weather.sun().times(facing), hasSun() && facing > 0);
  }

  /** Returns the colour that the sensor makes of a point: 0xRRGGBB. */
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
    Colour horizon = weather.horizon();
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

  /** Returns the colour that the sensor makes of the sky in a direction: 0xRRGGBB. */
  int sky(Vec ray, double vignette) {
    Colour zenith = weather.zenith();
    Colour horizon = weather.horizon();
    Colour cloud = weather.cloud();
    double up = Math.max(0, ray.y()) / Math.sqrt(ray.dot(ray));
    double rise = Math.min(1, up * 2.2);
    double lift = 1 / (Math.max(0, ray.y()) + 0.12);
    double wisps = Noise.fractal(cloudSeed, ray.x() * lift * 0.9, ray.z() * lift * 0.9);
    double cover = Math.max(0, Math.min(1, (wisps - 0.75 + 0.55 * weather.cloudiness()) * 5));
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

  /** Returns the colour that the sensor makes of the sky where it meets the ground: 0xRRGGBB. */
  int horizon() {
    Colour horizon = weather.horizon();
    return tone(horizon.red() * exposure.red()) << 16
        | tone(horizon.green() * exposure.green()) << 8
        | tone(horizon.blue() * exposure.blue());
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
