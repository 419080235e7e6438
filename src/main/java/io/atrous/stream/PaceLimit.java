package io.atrous.stream;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the frames of all tasks that are submitted and not yet answered to what the service
 * answers within half of a time-out, at its latest pace.
 *
 * <p>A commit waits for all of them. Without this bound a slow device behind many partitions would
 * outlast the drain timeout while it works well, and count as broken.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
final class PaceLimit {

  /** Until a pace is known: the first frames meet cold code. */
  private static final int FIRST_FRAMES = 8;

  /** How much one answer changes the pace: batches answer in bursts. */
  private static final double WEIGHT = 1.0 / 32;

  private final double horizonNanos;
  private final LongSupplier nanoTime;

  private int unanswered;
  private int answers;
  private double nanosPerFrame;
  private long lastNanos;
  private CompletableFuture<Void> nextAnswer = new CompletableFuture<>();

  /**
   * @param answerTimeout how much of a drain the device may take
   */
  PaceLimit(Duration answerTimeout, LongSupplier nanoTime) {
    this.horizonNanos = answerTimeout.toNanos() / 2.0;
    this.nanoTime = nanoTime;
  }

  /** Done if another frame may be submitted; otherwise done once it is worth asking again. */
  synchronized CompletableFuture<Void> room() {
    return unanswered < limit() ? CompletableFuture.completedFuture(null) : nextAnswer;
  }

  /** Counts a frame from its submission until its outcome is done, however it ends. */
  void count(CompletableFuture<Outcome> outcome) {
    synchronized (this) {
      if (unanswered++ == 0) {
        lastNanos = nanoTime.getAsLong();
      }
    }
    var unused = outcome.whenComplete((answer, failure) -> answered(isMask(answer)));
  }

  /** The most frames that may be unanswered now. */
  synchronized int limit() {
    return answers == 0
        ? FIRST_FRAMES
        : (int) Math.max(1, Math.min(Integer.MAX_VALUE, horizonNanos / nanosPerFrame));
  }

  /** What is no mask has not been through the network, and says nothing of its pace. */
  private static boolean isMask(@Nullable Outcome answer) {
    return answer != null
        && !answer.emissions().isEmpty()
        && answer.emissions().get(0).channel() == Outcome.Channel.MASKS;
  }

  private void answered(boolean setsPace) {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      unanswered--;
      if (setsPace) {
        long nowNanos = nanoTime.getAsLong();
        // The plain mean at first, so that the first, cold answer does not weigh for long.
        double weight = Math.max(WEIGHT, 1.0 / ++answers);
        nanosPerFrame += weight * (nowNanos - lastNanos - nanosPerFrame);
        lastNanos = nowNanos;
      }
      waiting = nextAnswer;
      nextAnswer = new CompletableFuture<>();
    }
    waiting.complete(null);
  }
}
