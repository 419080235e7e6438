package io.atrous.stream;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * How long one stream thread may wait for the engine without making progress.
 *
 * <p>A commit drains the thread's tasks one after another, and a failed one may drain them again:
 * all of these share one budget, which is what must stay below the transaction's and the poll's
 * time-outs. {@link #renew} starts the next one, when the thread is back at its records.
 *
 * <p>A wait that outlasts the budget latches the engine as failed for every thread; any failure
 * makes all later waits of this thread fail at once, so that closing what is left is quick.
 *
 * <p><b>Threading:</b> confined to its stream thread; the latch is shared.
 */
final class DrainBudget {

  private final Duration limit;
  private final EngineLatch latch;
  private final LongSupplier nanoTime;

  private boolean running;
  private long deadlineNanos;
  private @Nullable RuntimeException failure;

  DrainBudget(Duration limit, EngineLatch latch, LongSupplier nanoTime) {
    this.limit = limit;
    this.latch = latch;
    this.nanoTime = nanoTime;
  }

  /** The thread is back at its records: the next wait starts a new budget. */
  void renew() {
    ensureUnfailed();
    running = false;
  }

  /**
   * Waits for a frame's outcome, or for another answer of the engine.
   *
   * @param frame names the frame in messages
   * @throws EngineFailureException if there is none, or none in time
   * @throws InterruptException if the thread is interrupted; its interrupt status is set
   */
  <R> R await(CompletableFuture<R> outcome, Object frame) {
    ensureUnfailed();
    try {
      return outcome.isDone() ? outcome.get() : outcome.get(leftNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException expired) {
      EngineFailureException stuck =
          new EngineFailureException(
              "Frame "
                  + frame
                  + " had no outcome after a wait of "
                  + limit.toMillis()
                  + " ms; the engine counts as failed from now on",
              null);
      latch.fail(stuck);
      throw failed(stuck);
    } catch (ExecutionException e) {
      throw failed(unanswered(frame, e.getCause()));
    } catch (CancellationException e) {
      throw failed(unanswered(frame, e));
    } catch (InterruptedException e) {
      throw failed(new InterruptException("Interrupted while waiting for frame " + frame, e));
    }
  }

  private long leftNanos() {
    long nowNanos = nanoTime.getAsLong();
    if (!running) {
      running = true;
      deadlineNanos = nowNanos + limit.toNanos();
    }
    return Math.max(0, deadlineNanos - nowNanos);
  }

  private void ensureUnfailed() {
    if (failure != null) {
      throw new EngineFailureException(
          "This thread has already failed to get an outcome: " + failure.getMessage(), failure);
    }
    latch
        .failure()
        .ifPresent(
            first -> {
              throw new EngineFailureException(
                  "The engine has failed: " + first.getMessage(), first);
            });
  }

  private <E extends RuntimeException> E failed(E exception) {
    failure = exception;
    return exception;
  }

  private static EngineFailureException unanswered(Object frame, @Nullable Throwable cause) {
    return new EngineFailureException("Frame " + frame + " has no outcome: " + cause, cause);
  }
}
