package io.atrous.batching;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Groups requests of many threads into batches for a few lanes. A lane is a thread with a {@link
 * BatchProcessor} of its own, which it alone makes, calls and closes. A free lane takes a batch as
 * soon as {@link BatchQueue#ready} says so; while all lanes are busy requests gather, so batches
 * grow with the load.
 *
 * <p>This also dispatches to the least loaded lane: no lane has a queue of its own, so nothing
 * waits while one is free, and a lane that is twice as fast takes twice as many requests.
 *
 * <p><b>Back-pressure:</b> {@link #submit} never blocks. Beyond the policy's capacity it refuses
 * requests; callers are expected to keep fewer requests than that in flight.
 *
 * <p><b>Threading:</b> thread-safe; one lock guards the queue and is never held while a processor
 * or a caller's code runs. Futures are completed on lanes: dependent actions should be brief or
 * asynchronous, and must not close this batcher.
 *
 * @param <Q> a request
 * @param <R> its answer
 */
public final class DynamicBatcher<Q, R> implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DynamicBatcher.class);

  private final String name;
  private final BatchMetrics metrics;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Guarded by lock.
  private final BatchQueue<Pending<Q, R>> queue;
  private final List<Thread> lanes = new ArrayList<>();

  private DynamicBatcher(
      String name, BatchPolicy policy, BatchMetrics metrics, LongSupplier nanoTime) {
    this.name = name;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.queue = new BatchQueue<>(policy);
  }

  /**
   * Starts the lanes, one after another so that each makes its processor undisturbed, and returns
   * when all are ready.
   *
   * @param name the name of the lanes' threads, to which each lane's number is added
   * @param processors the factory of processors, called once on each lane
   * @param metrics the meters of batches
   * @param nanoTime the clock of the arrivals given to {@link #submit}
   * @throws RuntimeException the exception of {@code processors}; all lanes have ended then
   */
  public static <Q, R> DynamicBatcher<Q, R> start(
      String name,
      BatchPolicy policy,
      int lanes,
      Supplier<? extends BatchProcessor<Q, R>> processors,
      BatchMetrics metrics,
      LongSupplier nanoTime) {
    if (lanes < 1) {
      throw new IllegalArgumentException("a batcher needs at least one lane, not " + lanes);
    }
    DynamicBatcher<Q, R> batcher = new DynamicBatcher<>(name, policy, metrics, nanoTime);
    try {
      for (int i = 0; i < lanes; i++) {
        batcher.startLane(processors);
      }
    } catch (Throwable e) {
      batcher.close();
      throw e;
    }
    return batcher;
  }

  /**
   * Submits a request.
   *
   * @param arrival the time at which the request's waiting began, and its flow
   * @return its answer or its failure; a {@link RequestExpiredException} if it waited beyond its
   *     lifetime; a {@link RejectedExecutionException} if the queue is full or this batcher closed.
   *     Cancelling it withdraws a request that still waits.
   */
  public CompletableFuture<R> submit(Q request, Arrival arrival) {
    Pending<Q, R> pending = new Pending<>(request);
    lock.lock();
    try {
      if (!queue.offer(pending, arrival)) {
        return CompletableFuture.failedFuture(
            new RejectedExecutionException(
                queue.isClosing()
                    ? name + " is closed"
                    : name + " is full: " + queue.size() + " requests wait"));
      }
      // Signal all: the one lane that a signal wakes might be waiting for an older request's time.
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    // Whoever cancels the future, or lets it time out, runs this.
    CompletableFuture<R> unused =
        pending.whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                withdraw(pending);
              }
            });
    return pending;
  }

  /**
   * Moves the request of this answer into the next batch, if it still waits: for callers that can
   * do nothing else until they have the answer.
   *
   * @param answer the future that {@link #submit} returned
   */
  public void expedite(CompletableFuture<R> answer) {
    lock.lock();
    try {
      queue.expedite(answer);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the number of requests that wait for a batch. */
  public int queued() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses new requests, answers those that were submitted, and returns when the lanes have ended.
   * If the calling thread is interrupted it returns early, still interrupted, and the lanes end on
   * their own.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      queue.close();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      for (Thread lane : lanes) {
        lane.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void startLane(Supplier<? extends BatchProcessor<Q, R>> processors) {
    CompletableFuture<Void> ready = new CompletableFuture<>();
    Thread lane = new Thread(() -> runLane(processors, ready), name + "-" + lanes.size());
    lane.setDaemon(true);
    lane.start();
    lanes.add(lane);
    try {
      ready.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(lane.getName() + " failed to start", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while " + lane.getName() + " started", e);
    }
  }

  private void runLane(
      Supplier<? extends BatchProcessor<Q, R>> processors, CompletableFuture<Void> ready) {
    BatchProcessor<Q, R> processor;
    try {
      processor = processors.get();
    } catch (Throwable e) {
      ready.completeExceptionally(e);
      return;
    }
    ready.complete(null);
    try (processor) {
      for (Departure<Q, R> next = next(); !next.isEnd(); next = next()) {
        next.expired.forEach(
            pending -> pending.completeExceptionally(new RequestExpiredException()));
        if (!next.batch.isEmpty()) {
          answer(processor, next.batch);
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("{} did not close cleanly", Thread.currentThread().getName(), e);
    }
  }

  /** Waits until requests leave the queue or the batcher is closed. */
  private Departure<Q, R> next() {
    lock.lock();
    try {
      while (true) {
        long nowNanos = nanoTime.getAsLong();
        List<Pending<Q, R>> expired = queue.expire(nowNanos);
        DepartureReason reason = queue.departureReason();
        Departure<Q, R> departure = new Departure<>(expired, queue.take(nowNanos));
        if (!departure.batch.isEmpty()) {
          metrics.left(departure.batch.size(), reason);
        }
        if (!departure.isEnd() || (queue.isClosing() && queue.size() == 0)) {
          return departure;
        }
        OptionalLong nanos = queue.nanosUntilReady(nowNanos);
        try {
          // The wait ends early on any change; the loop looks again.
          long unused = changed.awaitNanos(nanos.orElse(Long.MAX_VALUE));
        } catch (InterruptedException e) {
          // Only close() ends a lane: ended by an interrupt, it would lose submitted requests.
          LOG.debug("{} ignores an interrupt", Thread.currentThread().getName());
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static <Q, R> void answer(BatchProcessor<Q, R> processor, List<Pending<Q, R>> batch) {
    List<BatchResult<R>> results;
    try {
      results = processor.process(batch.stream().map(pending -> pending.request).toList());
      if (results.size() != batch.size()) {
        throw new IllegalStateException(results.size() + " results for a batch of " + batch.size());
      }
    } catch (Throwable e) {
      batch.forEach(pending -> pending.completeExceptionally(e));
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      CompletableFuture<R> future = batch.get(i);
      if (results.get(i) instanceof BatchResult.Answered<R> answered) {
        future.complete(answered.value());
      } else if (results.get(i) instanceof BatchResult.Failed<R> failed) {
        future.completeExceptionally(failed.cause());
      }
    }
  }

  private void withdraw(Pending<Q, R> pending) {
    lock.lock();
    try {
      queue.withdraw(pending);
    } finally {
      lock.unlock();
    }
  }

  /** Requests that leave the queue: a batch, and those that no batch may take any more. */
  private record Departure<Q, R>(List<Pending<Q, R>> expired, List<Pending<Q, R>> batch) {

    boolean isEnd() {
      return expired.isEmpty() && batch.isEmpty();
    }
  }

  private static final class Pending<Q, R> extends CompletableFuture<R> {

    final Q request;

    Pending(Q request) {
      this.request = request;
    }
  }
}
