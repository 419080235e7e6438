package io.atrous.inference.onednn;

/** The arithmetic of numbers in eight bits: a stored whole number times a scale is the real one. */
public final class EightBitNumbers {

  /** The greatest magnitude of a number that may be negative: -128 is not used. */
  public static final int SIGNED_LIMIT = 127;

  /** The greatest number that can't be negative. */
  public static final int UNSIGNED_LIMIT = 255;

  private EightBitNumbers() {}

  /** Returns the scales with which the channels of a convolution's weights just fit. */
  static float[] scales(float[] weights, int channels) {
    float[] scales = new float[channels];
    int each = weights.length / channels;
    for (int channel = 0; channel < channels; channel++) {
      float greatest = 0;
      for (int i = channel * each; i < (channel + 1) * each; i++) {
        greatest = Math.max(greatest, Math.abs(weights[i]));
      }
      scales[channel] = Math.max(greatest / SIGNED_LIMIT, Float.MIN_NORMAL);
    }
    return scales;
  }

  /**
   * Rounds weights to whole numbers.
   *
   * @param weights float, row-major, as many for each channel
   * @param scales those of the channels
   */
  static byte[] quantized(float[] weights, float[] scales) {
    byte[] numbers = new byte[weights.length];
    int each = weights.length / scales.length;
    for (int i = 0; i < weights.length; i++) {
      numbers[i] = (byte) stored(weights[i], scales[i / each], -SIGNED_LIMIT, SIGNED_LIMIT);
    }
    return numbers;
  }

  /**
   * Rounds a number to the nearest that can be stored; of two as near, to the even one.
   *
   * @param least the least that can be stored
   * @param most the greatest that can be stored
   */
  public static int stored(float real, float scale, int least, int most) {
    return (int) Math.max(least, Math.min(most, Math.rint(real / scale)));
  }
}
