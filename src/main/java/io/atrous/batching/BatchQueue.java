package io.atrous.batching;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The requests that wait for a batch, and the rule when they leave. Passive: it starts no thread
 * and reads no clock; time is an argument, in nanoseconds of {@link System#nanoTime} or of any
 * clock like it.
 *
 * <p>Requests of one flow leave in order of arrival, and flows take turns, as in a {@link
 * FairQueue}. Arrivals may be offered out of order and may lie in the past; the oldest request is
 * the one with the earliest arrival, whatever its flow.
 *
 * <p><b>Threading:</b> not thread-safe; {@link DynamicBatcher} guards it with its lock.
 *
 * @param <Q> a request; known by identity
 */
public final class BatchQueue<Q> {

  private final BatchPolicy policy;
  private final long maxQueueDelayNanos;
  private final FairQueue<Q> waiting = new FairQueue<>();
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
  public boolean offer(Q request, Arrival arrival) {
    if (closing || waiting.size() >= policy.capacity()) {
      return false;
    }
    waiting.add(request, arrival);
    return true;
  }

  /**
   * Takes back a request that has not left yet; it no longer counts, neither for fullness nor as
   * the oldest.
   *
   * @return false if it is not here
   */
  public boolean withdraw(Object request) {
    return waiting.withdraw(request);
  }

  /** Has a request leave with the next batch; nothing happens if it is not here. */
  public void expedite(Object request) {
    waiting.expedite(request);
  }

  /** Takes out the requests whose lifetime is over, so that none of them gets into a batch. */
  public List<Q> expire(long nowNanos) {
    return waiting.expire(nowNanos);
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
    OptionalLong oldestNanos = waiting.oldestNanos();
    if (oldestNanos.isEmpty()) {
      return OptionalLong.empty();
    }
    if (closing || waiting.size() >= policy.maxBatchSize()) {
      return OptionalLong.of(0);
    }
    long waitedNanos = nowNanos - oldestNanos.getAsLong();
    return OptionalLong.of(Math.max(0, maxQueueDelayNanos - waitedNanos));
  }

  /** The batch that leaves now: up to {@code maxBatchSize} requests, or none if not ready. */
  public List<Q> take(long nowNanos) {
    if (!ready(nowNanos)) {
      return List.of();
    }
    List<Q> batch = new ArrayList<>(Math.min(waiting.size(), policy.maxBatchSize()));
    while (batch.size() < policy.maxBatchSize()) {
      Q next = waiting.poll();
      if (next == null) {
        break;
      }
      batch.add(next);
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
}
