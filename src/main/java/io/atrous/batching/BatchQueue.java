package io.atrous.batching;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/**
 * The requests that wait for a batch, and the rule when they leave. Passive: it starts no thread
 * and reads no clock; time is an argument, in nanoseconds of {@link System#nanoTime} or of any
 * clock like it.
 *
 * <p>Requests leave in order of arrival, equal arrivals in order of offering. Arrivals may be
 * offered out of order and may lie in the past; the oldest is the one with the earliest arrival.
 *
 * <p><b>Threading:</b> not thread-safe; {@link DynamicBatcher} guards it with its lock.
 *
 * @param <Q> a request; {@link #withdraw} finds it by identity
 */
public final class BatchQueue<Q> {

  private final BatchPolicy policy;
  private final long maxQueueDelayNanos;
  private final PriorityQueue<Entry<Q>> waiting = new PriorityQueue<>(Entry.OLDEST_FIRST);
  private long offered;
  private boolean closing;

  public BatchQueue(BatchPolicy policy) {
    this.policy = policy;
    this.maxQueueDelayNanos = policy.maxQueueDelay().toNanos();
  }

  /**
   * Adds a request.
   *
   * @return false, and nothing is added, if the queue is at its capacity or closing
   */
  public boolean offer(Q request, long arrivalNanos) {
    if (closing || waiting.size() >= policy.capacity()) {
      return false;
    }
    waiting.add(new Entry<>(request, arrivalNanos, offered++));
    return true;
  }

  /**
   * Takes back a request that has not left yet; it no longer counts, neither for fullness nor as
   * the oldest.
   *
   * @return false if it is not here
   */
  public boolean withdraw(Q request) {
    return waiting.removeIf(entry -> entry.request == request);
  }

  /**
   * Whether a batch can leave. It is ready when at least one request waits and
   *
   * <ul>
   *   <li>the batch is full: {@code maxBatchSize} requests wait, or
   *   <li>the oldest request arrived {@code maxQueueDelay} ago or earlier, or
   *   <li>the queue is closing.
   * </ul>
   */
  public boolean ready(long nowNanos) {
    OptionalLong nanos = nanosUntilReady(nowNanos);
    return nanos.isPresent() && nanos.getAsLong() == 0;
  }

  /**
   * How long until {@link #ready}, if nothing is offered or withdrawn meanwhile; 0 if it is now,
   * empty if it never will be.
   */
  public OptionalLong nanosUntilReady(long nowNanos) {
    Entry<Q> oldest = waiting.peek();
    if (oldest == null) {
      return OptionalLong.empty();
    }
    if (closing || waiting.size() >= policy.maxBatchSize()) {
      return OptionalLong.of(0);
    }
    long waitedNanos = nowNanos - oldest.arrivalNanos;
    return OptionalLong.of(Math.max(0, maxQueueDelayNanos - waitedNanos));
  }

  /** The batch that leaves now: up to {@code maxBatchSize} requests, or none if not ready. */
  public List<Q> take(long nowNanos) {
    if (!ready(nowNanos)) {
      return List.of();
    }
    List<Q> batch = new ArrayList<>(Math.min(waiting.size(), policy.maxBatchSize()));
    while (batch.size() < policy.maxBatchSize() && !waiting.isEmpty()) {
      batch.add(waiting.remove().request);
    }
    return batch;
  }

  /** From now on nothing is accepted and whatever waits is ready. */
  public void close() {
    closing = true;
  }

  public boolean isClosing() {
    return closing;
  }

  /** How many requests wait. */
  public int size() {
    return waiting.size();
  }

  private record Entry<Q>(Q request, long arrivalNanos, long sequence) {

    // By difference: the origin of nanoTime is arbitrary and its values may wrap around.
    static final Comparator<Entry<?>> OLDEST_FIRST =
        (a, b) -> {
          int byArrival = Long.signum(a.arrivalNanos - b.arrivalNanos);
          return byArrival != 0 ? byArrival : Long.compare(a.sequence, b.sequence);
        };
  }
}
