package io.atrous.model;

import java.nio.ByteBuffer;

/** The floating-point types in which tensors are stored, by safetensors' names. */
public enum StorageType {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary16. */
  F16(2),
  /** The upper half of binary32. */
  BF16(2);

  private final int bytes;

  StorageType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per number. */
  public int bytes() {
    return bytes;
  }

  /** Returns whether a number is finite and stays so when stored. */
  public boolean holds(float value) {
    return switch (this) {
      case F32 -> Float.isFinite(value);
      case F16 -> Float.isFinite(halfToFloat(floatToHalf(value)));
      case BF16 -> Float.isFinite(Float.intBitsToFloat(floatToBrain(value) << 16));
    };
  }

  /** Reads the number at a position of a little-endian buffer. */
  float read(ByteBuffer buffer, int position) {
    return switch (this) {
      case F32 -> buffer.getFloat(position);
      case F16 -> halfToFloat(buffer.getShort(position));
      case BF16 -> Float.intBitsToFloat(buffer.getShort(position) << 16);
    };
  }

  /** Appends a number to a little-endian buffer, rounded to nearest, ties to even. */
  public void write(ByteBuffer buffer, float value) {
    switch (this) {
      case F32 -> buffer.putFloat(value);
      case F16 -> buffer.putShort(floatToHalf(value));
      case BF16 -> buffer.putShort(floatToBrain(value));
    }
  }

  // Float.float16ToFloat and its inverse are of JDK 20.
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1F ? 0xFF : exponent + 112;
    return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
  }

  static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
      return (short) (sign | 0x7E00 | ((magnitude >> 13) & 0x3FF));
    }
    if (magnitude >= 0x477FF000) {
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x38800000) {
      // Subnormal: let the addition of 0.5 round at the right bit.
      int rounded = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f);
      return (short) (sign | (rounded - 0x3F000000));
    }
    int odd = (magnitude >> 13) & 1;
    return (short) (sign | ((magnitude - 0x38000000 + 0xFFF + odd) >> 13));
  }

  static short floatToBrain(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    int odd = (bits >>> 16) & 1;
    return (short) ((bits + 0x7FFF + odd) >>> 16);
  }
}
