package io.atrous.inference.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Things that end together: objects of oneDNN's and memory. The last that was taken ends first.
 *
 * <p><b>Threading:</b> not thread-safe.
 */
final class Handles implements AutoCloseable {

  private final Deque<Runnable> ends = new ArrayDeque<>();

  /**
   * Takes a thing.
   *
   * @param end the call that destroys it
   */
  <T> T own(T handle, Consumer<? super T> end) {
    ends.push(() -> end.accept(handle));
    return handle;
  }

  @Override
  public void close() {
    while (!ends.isEmpty()) {
      ends.pop().run();
    }
  }
}
