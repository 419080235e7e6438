package io.atrous.mask;

import java.util.Arrays;

/**
 * Bytes that are being written.
 *
 * <p><b>Threading:</b> confined to its user.
 */
final class ByteOutput {

  private byte[] bytes;
  private int size;

  ByteOutput(int expectedBytes) {
    bytes = new byte[expectedBytes];
  }

  void put(byte value) {
    reserve(1);
    bytes[size++] = value;
  }

  void put(byte[] values, int from, int to) {
    reserve(to - from);
    System.arraycopy(values, from, bytes, size, to - from);
    size += to - from;
  }

  /** A number in base 128, least significant digit first, all bytes but the last with bit 7 set. */
  void varint(long number) {
    long rest = number;
    while (rest > 0x7F) {
      put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    put((byte) rest);
  }

  int size() {
    return size;
  }

  /** What was written; holds more bytes behind it, and is the output's own. */
  byte[] array() {
    return bytes;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void reserve(int moreBytes) {
    if (bytes.length - size < moreBytes) {
      bytes = Arrays.copyOf(bytes, Math.max(size + moreBytes, size * 2));
    }
  }
}
