package io.atrous.mask;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Runs of equal values. */
final class Runs {

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Runs() {}

  /** Where the run that begins at {@code from} ends, exclusively, and at {@code limit} at last. */
  static int end(byte[] values, int from, int limit) {
    // A run ends where the values differ from themselves moved by one.
    int same = Arrays.mismatch(values, from, limit - 1, values, from + 1, limit);
    return same < 0 ? limit : from + same + 1;
  }

  /**
   * Finds where all runs from {@code from} up to {@code limit} begin.
   *
   * @param begins receives them, with room for that many
   * @param count the number that it holds already
   * @return how many it holds
   */
  static int begins(byte[] values, int from, int limit, int[] begins, int count) {
    begins[count++] = from;
    int at = from;
    for (; at < limit - Long.BYTES; at += Long.BYTES) {
      // As in end, eight values at a time: a byte that is not 0 says that the next begins a run.
      long changes = (long) EIGHT.get(values, at) ^ (long) EIGHT.get(values, at + 1);
      while (changes != 0) {
        int value = Long.numberOfTrailingZeros(changes) / Byte.SIZE;
        begins[count++] = at + value + 1;
        changes &= ~(0xFFL << (value * Byte.SIZE));
      }
    }
    for (; at < limit - 1; at++) {
      if (values[at] != values[at + 1]) {
        begins[count++] = at + 1;
      }
    }
    return count;
  }

  /** Gives all values from {@code from} up to {@code limit} one value; quick if they are few. */
  static void fill(byte[] values, int from, int limit, byte value) {
    if (limit - from < Long.BYTES) {
      for (int at = from; at < limit; at++) {
        values[at] = value;
      }
      return;
    }
    long eight = (value & 0xFFL) * 0x0101010101010101L;
    for (int at = from; at < limit - Long.BYTES; at += Long.BYTES) {
      EIGHT.set(values, at, eight);
    }
    EIGHT.set(values, limit - Long.BYTES, eight);
  }
}
