package io.atrous.inference.onednn;

/**
 * The exponential function in fp32, without branches, so that loops over it become vector
 * instructions: {@code e^-x} is one over the 32nd power of {@code e^(x/32)}, of which Taylor's
 * polynomial has positive terms only and so goes to infinity where {@code e^x} does.
 *
 * <p>Its error is less than 3 in a million, and less than one in a thousand of the result as long
 * as that is more than 1e-12.
 */
final class Exponential {

  private static final float PART = 1 / 32f;

  private Exponential() {}

  /**
   * Returns e to the power of a negative number.
   *
   * @param x at least 0: the number without its sign
   */
  static float of(float x) {
    float part = x * PART;
    float e = 1 / 720f;
    e = e * part + 1 / 120f;
    e = e * part + 1 / 24f;
    e = e * part + 1 / 6f;
    e = e * part + 0.5f;
    e = e * part + 1;
    e = e * part + 1;
    e *= e;
    e *= e;
    e *= e;
    e *= e;
    e *= e;
    return 1 / e;
  }
}
