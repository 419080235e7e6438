package io.atrous.dataset.scene;

/**
 * Falling drops, each a bright streak that lets through some of what is behind it.
 *
 * @param hash the rain of this moment
 */
record RainStreaks(SplittableHash hash) {

  private static final double STREAKS_PER_PIXEL = 1.0 / 900;

  /** A streak's opacity, in 256ths. */
  private static final double FAINTEST = 25;

  private static final double BRIGHTEST = 90;

  /**
   * Draws the rain over a picture.
   *
   * @param colour the colour of the sky that the drops mirror, 0xRRGGBB
   */
  void draw(Canvas canvas, int colour) {
    int[] rgb = canvas.rgb();
    int width = canvas.width();
    int height = canvas.height();
    double slant = hash.uniform("slant", -0.3, 0.3);
    int streaks = (int) (STREAKS_PER_PIXEL * width * height);
    for (int i = 0; i < streaks; i++) {
      SplittableHash streak = hash.child(i);
      int length = (int) (height * streak.uniform("length", 0.01, 0.05));
      int opacity = (int) streak.uniform("opacity", FAINTEST, BRIGHTEST);
      double x = streak.uniform("x", 0, width);
      int top = streak.below("y", height);
      for (int row = top; row < Math.min(height, top + length); row++) {
        int column = (int) (x + slant * (row - top));
        if (column >= 0 && column < width) {
          int at = row * width + column;
          rgb[at] = blend(rgb[at], colour, opacity);
        }
      }
    }
  }

  private static int blend(int behind, int before, int opacity) {
    int blended = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int far = (behind >> shift) & 0xFF;
      int near = (before >> shift) & 0xFF;
      blended |= (far + (((near - far) * opacity) >> 8)) << shift;
    }
    return blended;
  }
}
