package io.atrous.stream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of equal pieces of direct memory, one per frame that is decoded but not yet
 * segmented. The bound keeps decoding from running ahead of the device.
 *
 * <p><b>Threading:</b> thread-safe. Waiters are served in order, on the thread that releases.
 */
final class SlotPool {

  private final int slots;
  private final int bytesPerSlot;
  private final Deque<ByteBuffer> free = new ArrayDeque<>();
  private final Deque<CompletableFuture<ByteBuffer>> waiters = new ArrayDeque<>();
  private int allocated;

  SlotPool(int slots, int bytesPerSlot) {
    this.slots = slots;
    this.bytesPerSlot = bytesPerSlot;
  }

  /** The direct memory this pool takes at most. */
  long capacityBytes() {
    return (long) slots * bytesPerSlot;
  }

  /** A slot as soon as one is free; the holder must {@link #release} it. */
  CompletableFuture<ByteBuffer> acquire() {
    return acquire(waiters::addLast);
  }

  /** As {@link #acquire}, before those who wait: for a frame that came before them. */
  CompletableFuture<ByteBuffer> acquireFirst() {
    return acquire(waiters::addFirst);
  }

  private CompletableFuture<ByteBuffer> acquire(Consumer<CompletableFuture<ByteBuffer>> queue) {
    ByteBuffer slot;
    synchronized (this) {
      slot = take();
      if (slot == null) {
        CompletableFuture<ByteBuffer> waiter = new CompletableFuture<>();
        queue.accept(waiter);
        return waiter;
      }
    }
    return CompletableFuture.completedFuture(slot);
  }

  void release(ByteBuffer slot) {
    CompletableFuture<ByteBuffer> waiter;
    do {
      synchronized (this) {
        waiter = waiters.pollFirst();
        if (waiter == null) {
          free.addFirst(slot);
          return;
        }
      }
    } while (!waiter.complete(slot));
  }

  private @Nullable ByteBuffer take() {
    if (free.isEmpty() && allocated < slots) {
      allocated++;
      return ByteBuffer.allocateDirect(bytesPerSlot);
    }
    return free.pollFirst();
  }
}
