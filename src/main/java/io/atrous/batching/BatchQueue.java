package io.atrous.batching;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Holds the requests that wait for a batch, and decides when they leave. It is passive: it starts
 * no thread and reads no clock; time is an argument, in nanoseconds of {@link System#nanoTime} or
 * of a similar clock.
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

  /** Moves a request into the next batch; does nothing if it is not here. */
  public void expedite(Object request) {
    waiting.expedite(request);
  }

  /**
   * Removes and returns the requests whose lifetime is over, so that none of them gets into a
   * batch.
   */
  public List<Q> expire(long nowNanos) {
    return waiting.expire(nowNanos);
  }

  /**
   * Returns whether a batch can leave. It is ready when at least one request waits and
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
   * Returns the time until {@link #ready} in nanoseconds, if nothing is offered or withdrawn
   * meanwhile; 0 if it is ready now, empty if no request waits.
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

  /** Why a batch would leave now, if one is {@link #ready}. */
  DepartureReason departureReason() {
    if (waiting.size() >= policy.maxBatchSize()) {
      return DepartureReason.FULL;
    }
    return closing ? DepartureReason.CLOSING : DepartureReason.QUEUE_DELAY;
  }

  /**
   * Removes and returns the next batch: up to {@code maxBatchSize} requests, or none if not ready.
   */
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

  /** Closes the queue: it accepts nothing more, and all waiting requests are ready at once. */
  public void close() {
    closing = true;
  }

  public boolean isClosing() {
    return closing;
  }

  /** Returns the number of waiting requests. */
  public int size() {
    return waiting.size();
  }
}
