package io.atrous.ingest;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The newest pictures of a camera that nobody has taken yet: where there is no room for one more,
 * the oldest goes.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class NewestPictures {

  private final int capacity;
  private final Deque<Picture> pictures = new ArrayDeque<>();
  private boolean closed;

  NewestPictures(int capacity) {
    this.capacity = capacity;
  }

  /** Adds a picture; returns whether the oldest had to go for it. */
  synchronized boolean add(Picture picture) {
    boolean full = pictures.size() == capacity;
    if (full) {
      pictures.removeFirst();
    }
    pictures.addLast(picture);
    notifyAll();
    return full;
  }

  /** Takes the oldest of them, and waits for it; null once it is closed and empty. */
  synchronized @Nullable Picture take() throws InterruptedException {
    while (pictures.isEmpty() && !closed) {
      wait();
    }
    return pictures.pollFirst();
  }

  /** No more will come. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized int size() {
    return pictures.size();
  }
}
