package io.atrous.dataset.scene;

/** A colour in linear red, green and blue: 0 to 1 as an albedo, without bound as light. */
record Colour(double red, double green, double blue) {

  static Colour grey(double value) {
    return new Colour(value, value, value);
  }

  /**
   * @param hue 0 red, 1/3 green, 2/3 blue
   * @param saturation 0 grey to 1 pure
   * @param value the brightness, that of the strongest channel
   */
  static Colour hsv(double hue, double saturation, double value) {
    return new Colour(
        channel(hue + 1.0 / 3, saturation, value),
        channel(hue, saturation, value),
        channel(hue - 1.0 / 3, saturation, value));
  }

  private static double channel(double hue, double saturation, double value) {
    double sixth = 6 * (hue - Noise.floor(hue));
    double pure = Math.max(0, Math.min(1, Math.min(sixth, 4 - sixth)));
    return value * (1 - saturation + saturation * pure);
  }

  Colour times(double factor) {
    return new Colour(red * factor, green * factor, blue * factor);
  }

  double luminance() {
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
