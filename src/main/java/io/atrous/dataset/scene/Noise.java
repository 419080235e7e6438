package io.atrous.dataset.scene;

/**
 * Smooth noise on the plane: pure functions of a seed and a point, with values in [0, 1). The
 * pattern of a seed repeats after 256 cells; seeds differ by where they begin in it.
 */
final class Noise {

  private static final int BITS = 8;
  private static final int MASK = (1 << BITS) - 1;
  private static final float[] LATTICE = lattice();

  private Noise() {}

  /** One value per unit cell. */
  static double cell(int seed, int x, int y) {
    int begin = seed * 0x9E3779B9;
    return LATTICE[((y + (begin >>> 8)) & MASK) << BITS | ((x + (begin >>> 20)) & MASK)];
  }

  /** Cell values at the lattice's corners, smoothly interpolated. */
  static double smooth(int seed, double x, double y) {
    int i = floor(x);
    int j = floor(y);
    double a = x - i;
    double b = y - j;
    a = a * a * (3 - 2 * a);
    b = b * b * (3 - 2 * b);
    int begin = seed * 0x9E3779B9;
    int left = (i + (begin >>> 20)) & MASK;
    int right = (left + 1) & MASK;
    int upper = ((j + (begin >>> 8)) & MASK) << BITS;
    int lower = (upper + (1 << BITS)) & (MASK << BITS);
    double top = LATTICE[upper | left] + a * (LATTICE[upper | right] - LATTICE[upper | left]);
    double bottom = LATTICE[lower | left] + a * (LATTICE[lower | right] - LATTICE[lower | left]);
    return top + b * (bottom - top);
  }

  /** Three octaves, each half as strong and twice as fine. */
  static double fractal(int seed, double x, double y) {
    return (4 * smooth(seed, x, y)
            + 2 * smooth(seed + 1, 2 * x + 17.3, 2 * y + 9.1)
            + smooth(seed + 2, 4 * x + 5.7, 4 * y + 31.9))
        / 7;
  }

  /** Rounds down as {@link Math#floor} does, for numbers that an int can hold. */
  static int floor(double x) {
    int i = (int) x;
    return x < i ? i - 1 : i;
  }

  /** Returns the part of a number above its {@link #floor}, 0 to 1. */
  static double fraction(double x) {
    return x - floor(x);
  }

  private static float[] lattice() {
    float[] values = new float[1 << (2 * BITS)];
    SplittableHash hash = SplittableHash.of(0).child("lattice");
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (hash.child(i).uniform() * (1 - 0x1p-20));
    }
    return values;
  }
}
