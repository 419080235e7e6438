package io.atrous.inference.onednn;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The places of buffers in one piece of memory: those that are needed at one time don't overlap.
 */
final class Arena {

  /** A page: threads that write neighbouring buffers share no line of a cache. */
  static final long ALIGNMENT = 4096;

  private Arena() {}

  /**
   * Places buffers, the largest first, each as low as it fits.
   *
   * @return the number of bytes that they take together
   */
  static long place(Collection<Buffer> buffers) {
    List<Buffer> largestFirst = new ArrayList<>(buffers);
    largestFirst.sort(
        Comparator.comparingLong(Buffer::bytes).reversed().thenComparing(Buffer::firstUse));
    List<Buffer> placed = new ArrayList<>();
    long bytes = 0;
    for (Buffer buffer : largestFirst) {
      buffer.placeAt(lowest(buffer, placed));
      placed.add(buffer);
      placed.sort(Comparator.comparingLong(Buffer::offset));
      bytes = Math.max(bytes, buffer.end());
    }
    return bytes;
  }

  /**
   * The lowest place that is free.
   *
   * @param placed the buffers that have a place, the lowest first
   */
  private static long lowest(Buffer buffer, List<Buffer> placed) {
    long offset = 0;
    for (Buffer other : placed) {
      if (other.meets(buffer)) {
        if (offset + buffer.bytes() <= other.offset()) {
          break;
        }
        offset = Math.max(offset, (other.end() + ALIGNMENT - 1) & -ALIGNMENT);
      }
    }
    return offset;
  }
}
