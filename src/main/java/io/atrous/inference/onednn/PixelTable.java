package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_ab;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;

import io.atrous.model.Normalization;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * What a network takes for each of the 256 values of a pixel's three channels: normalised in fp32,
 * then rounded to the type of the network's features.
 *
 * <p><b>Threading:</b> immutable; its writers are confined to one thread.
 */
final class PixelTable {

  private static final int CHANNELS = 3;
  private static final int VALUES = 256;

  private final int type;
  private final float[] normalized;

  /** The table in 16 bits; unused for fp32. */
  private final short[] rounded;

  /** Writes rows of pixels down as numbers, without allocating. */
  interface Writer {

    /**
     * Writes a row.
     *
     * @param first the index of its first number in memory
     */
    void write(byte[] pixels, int first);
  }

  /**
   * Makes a table.
   *
   * @param type one of oneDNN's types of numbers
   */
  PixelTable(Normalization normalization, Primitives primitives, int type) {
    this.type = type;
    normalized = new float[CHANNELS * VALUES];
    for (int c = 0; c < CHANNELS; c++) {
      double deviation = normalization.deviation().get(c);
      float scale = (float) (1 / (255 * deviation));
      float shift = (float) (normalization.mean().get(c) / deviation);
      for (int value = 0; value < VALUES; value++) {
        normalized[c * VALUES + value] = value * scale - shift;
      }
    }
    rounded = new short[normalized.length];
    if (type != dnnl_f32) {
      round(primitives);
    }
  }

  private void round(Primitives primitives) {
    try (NativeBlock wide = NativeBlock.of(normalized);
        NativeBlock narrow = new NativeBlock((long) Short.BYTES * rounded.length)) {
      primitives.copyNow(
          primitives.layout(dnnl_f32, dnnl_ab, CHANNELS, VALUES),
          wide.address(),
          primitives.layout(type, dnnl_ab, CHANNELS, VALUES),
          narrow.address());
      narrow.bytes(0, Short.BYTES * rounded.length).asShortBuffer().get(rounded);
    }
  }

  /**
   * Returns a writer.
   *
   * @param memory where it writes: [N, H, W, 3] of the features' type
   * @param columns the number of values in a row
   */
  Writer writer(ByteBuffer memory, int columns) {
    if (type == dnnl_f32) {
      FloatBuffer target = memory.asFloatBuffer();
      float[] row = new float[columns];
      return (pixels, first) -> {
        for (int i = 0; i < columns; i += CHANNELS) {
          row[i] = normalized[pixels[i] & 0xff];
          row[i + 1] = normalized[VALUES + (pixels[i + 1] & 0xff)];
          row[i + 2] = normalized[2 * VALUES + (pixels[i + 2] & 0xff)];
        }
        target.put(first, row);
      };
    }
    ShortBuffer target = memory.asShortBuffer();
    short[] row = new short[columns];
    return (pixels, first) -> {
      for (int i = 0; i < columns; i += CHANNELS) {
        row[i] = rounded[pixels[i] & 0xff];
        row[i + 1] = rounded[VALUES + (pixels[i + 1] & 0xff)];
        row[i + 2] = rounded[2 * VALUES + (pixels[i + 2] & 0xff)];
      }
      target.put(first, row);
    };
  }
}
