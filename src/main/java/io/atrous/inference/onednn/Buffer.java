package io.atrous.inference.onednn;

/**
 * A buffer of an {@link Arena}: how long it is, and between which steps something in it is needed.
 *
 * <p><b>Threading:</b> not thread-safe.
 */
final class Buffer {

  private final long bytes;
  private int firstUse = Integer.MAX_VALUE;
  private int lastUse = Integer.MIN_VALUE;
  private long offset = -1;

  Buffer(long bytes) {
    this.bytes = bytes;
  }

  long bytes() {
    return bytes;
  }

  /** Notes that a step reads or writes it. */
  void usedAt(int step) {
    firstUse = Math.min(firstUse, step);
    lastUse = Math.max(lastUse, step);
  }

  int firstUse() {
    return firstUse;
  }

  /** Returns whether the lifetimes of both overlap. */
  boolean meets(Buffer other) {
    return firstUse <= other.lastUse && other.firstUse <= lastUse;
  }

  void placeAt(long offset) {
    this.offset = offset;
  }

  /** Returns the number of bytes before it in the arena, once it has been placed. */
  long offset() {
    if (offset < 0) {
      throw new IllegalStateException("the buffer has no place yet");
    }
    return offset;
  }

  /** Returns the number of bytes in the arena up to its end. */
  long end() {
    return offset() + bytes;
  }
}
