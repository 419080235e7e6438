package io.atrous.mask;

import java.util.Arrays;

/** Runs of equal values. */
final class Runs {

  private Runs() {}

  /** Where the run that begins at {@code from} ends, exclusively, and at {@code limit} at last. */
  static int end(byte[] values, int from, int limit) {
    // A run ends where the values differ from themselves moved by one.
    int same = Arrays.mismatch(values, from, limit - 1, values, from + 1, limit);
    return same < 0 ? limit : from + same + 1;
  }
}
