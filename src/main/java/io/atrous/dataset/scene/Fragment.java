package io.atrous.dataset.scene;

/**
 * One pixel's view of a surface: the canvas says where, the material says what.
 *
 * <p><b>Threading:</b> confined to the canvas that draws.
 */
final class Fragment {

  /** Metres on the surface along its two axes. */
  double u;

  double v;

  /** The metres of a facing surface that one pixel covers here. */
  double pixelMetres;

  /** The answer of the material: the share of light reflected, and the light given off. */
  double red;

  double green;
  double blue;
  double glow;

  void paint(Colour albedo, double brightness) {
    red = albedo.red() * brightness;
    green = albedo.green() * brightness;
    blue = albedo.blue() * brightness;
  }

  /** Exchanges the primary colours and doubles the saturation; greys stay. */
  void repaint() {
    double grey = (red + green + blue) / 3;
    double oldRed = red;
    red = Math.max(0, 2 * green - grey);
    green = Math.max(0, 2 * blue - grey);
    blue = Math.max(0, 2 * oldRed - grey);
  }

  /** The share of a texture with features of this size that is seen here: 1 near, 0 far. */
  double detail(double featureMetres) {
    double ratio = pixelMetres / featureMetres;
    return ratio >= 1 ? 0 : ratio <= 0.35 ? 1 : (1 - ratio) / 0.65;
  }
}
