package io.atrous.stream;

import io.atrous.batching.Arrival;
import io.atrous.batching.FairQueue;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of equal pieces of direct memory, one per frame that is decoded but not yet
 * segmented. The bound keeps decoding from running ahead of the device.
 *
 * <p><b>Threading:</b> thread-safe. Waiters are served on the thread that releases, as a {@link
 * FairQueue} says.
 */
final class SlotPool {

  private final int slots;
  private final int bytesPerSlot;
  private final Deque<ByteBuffer> free = new ArrayDeque<>();
  private final FairQueue<CompletableFuture<ByteBuffer>> waiters = new FairQueue<>();
  private int allocated;

  SlotPool(int slots, int bytesPerSlot) {
    this.slots = slots;
    this.bytesPerSlot = bytesPerSlot;
  }

  /** The direct memory this pool takes at most. */
  long capacityBytes() {
    return (long) slots * bytesPerSlot;
  }

  /** Returns how many slots are held. */
  synchronized int inUse() {
    return allocated - free.size();
  }

  int capacity() {
    return slots;
  }

  /** A slot as soon as one is free; the holder must {@link #release} it. */
  CompletableFuture<ByteBuffer> acquire(Arrival arrival) {
    ByteBuffer slot;
    synchronized (this) {
      slot = take();
      if (slot == null) {
        CompletableFuture<ByteBuffer> waiter = new CompletableFuture<>();
        waiters.add(waiter, arrival);
        return waiter;
      }
    }
    return CompletableFuture.completedFuture(slot);
  }

  /** As {@link #acquire}, before those who wait: for a frame that has waited in line before. */
  CompletableFuture<ByteBuffer> acquireFirst(Arrival arrival) {
    CompletableFuture<ByteBuffer> slot = acquire(arrival);
    expedite(slot);
    return slot;
  }

  /** Has a waiter served before all others; nothing happens if it has been. */
  synchronized void expedite(CompletableFuture<ByteBuffer> waiter) {
    waiters.expedite(waiter);
  }

  void release(ByteBuffer slot) {
    CompletableFuture<ByteBuffer> waiter;
    do {
      synchronized (this) {
        waiter = waiters.poll();
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
