package io.atrous.frame;

import java.nio.ByteBuffer;

/**
 * The bits of a scan's entropy-coded data, up to its end or a restart marker. Behind the last one
 * are zeros without end.
 *
 * <p><b>Threading:</b> confined to its caller.
 */
final class ScanBits {

  /** The bits that are there after {@link #peek}, as long as the data has them. */
  private static final int READY_BITS = 32;

  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = LOW_BITS << 7;

  private final ByteBuffer data;
  private int at;

  /** The next bits, the very next one highest. */
  private long buffer;

  /** The number of bits in the buffer that were read from the data; negative beyond its end. */
  private int count;

  /**
   * @param data entropy-coded data from position 0 to the buffer's limit
   */
  ScanBits(ByteBuffer data) {
    this.data = data;
  }

  /** Returns the next bits, at most 17, and makes {@link #READY_BITS} ready. */
  int peek(int bits) {
    if (count < READY_BITS) {
      fill();
    }
    return (int) (buffer >>> (Long.SIZE - bits));
  }

  /** Passes over bits that {@link #peek} has made ready. */
  void skip(int bits) {
    buffer <<= bits;
    count -= bits;
  }

  /** Returns the next bits, at most 16, and passes over them. */
  int read(int bits) {
    if (bits == 0) {
      return 0;
    }
    int value = peek(bits);
    skip(bits);
    return value;
  }

  /** Passes over any number of bits. */
  void pass(int bits) {
    for (int left = bits; left > 0; left -= READY_BITS) {
      if (count < READY_BITS) {
        fill();
      }
      skip(Math.min(left, READY_BITS));
    }
  }

  /** Returns whether more was taken than there was. */
  boolean isOverdrawn() {
    return count < 0;
  }

  /**
   * Moves past the next marker, whatever bits are left before it.
   *
   * @param number the number of the restart marker that belongs here
   * @return false if it isn't that marker
   */
  boolean restart(int number) {
    buffer = 0;
    count = 0;
    while (at < data.limit() && !isMarker()) {
      at++;
    }
    while (at < data.limit() && data.get(at) == (byte) 0xFF) {
      at++;
    }
    return at < data.limit() && data.get(at++) == (byte) (JpegMarkers.RST0 + number);
  }

  private void fill() {
    if (count >= 0 && at + Long.BYTES <= data.limit()) {
      long next = data.getLong(at);
      if ((~next - LOW_BITS & next & HIGH_BITS) == 0) { // none is 0xFF
        buffer |= next >>> count;
        int bytes = (Long.SIZE - count) >> 3;
        at += bytes;
        count += bytes << 3;
        return;
      }
    }
    fillByteByByte();
  }

  private void fillByteByByte() {
    while (count >= 0 && count <= Long.SIZE - Byte.SIZE && at < data.limit() && !isMarker()) {
      // Of 0xFF and 0, the zero only says that no marker begins here.
      boolean escaped = data.get(at) == (byte) 0xFF;
      while (data.get(at) == (byte) 0xFF) {
        at++;
      }
      buffer |=
          (escaped ? 0xFFL : Byte.toUnsignedLong(data.get(at))) << (Long.SIZE - Byte.SIZE - count);
      at++;
      count += Byte.SIZE;
    }
  }

  /** Returns whether a marker begins at the position, or an 0xFF that ends the data. */
  private boolean isMarker() {
    int end = at;
    while (end < data.limit() && data.get(end) == (byte) 0xFF) {
      end++;
    }
    return end > at && (end == data.limit() || data.get(end) != 0);
  }
}
