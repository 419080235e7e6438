package io.atrous.stream;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One task's frames between their submission and the emission of their outcomes, in offset order.
 *
 * <p>Outcomes complete in any order and leave in offset order. The bound counts frames that are not
 * yet <em>emitted</em>, done or not: finished outcomes behind an unfinished one take memory too.
 * Only {@linkplain Outcome#isSmall small} ones hardly do, such as those of shed frames: they don't
 * count until they are very many, so that shedding goes on while an older frame is on the device.
 *
 * <p>A window lives for one generation of its task. Results that arrive after {@link #abandon}
 * complete futures that nobody looks at any more. An abandoned window that still had frames can't
 * be drained: its frames were consumed and have no outcome, so nothing may be committed past them.
 *
 * <p><b>Threading:</b> confined to the task's stream thread; the futures may complete anywhere.
 *
 * @param <F> what is needed to emit a frame's outcome; its text names the frame in messages
 */
final class InFlightWindow<F> {

  private record Entry<F>(F frame, CompletableFuture<Outcome> outcome) {}

  private static final int SMALL_OUTCOMES_PER_FRAME = 64;

  private final int capacityFrames;
  private final Consumer<F> turn;
  private final BiConsumer<F, Outcome> emitter;
  private final Consumer<CompletableFuture<Outcome>> expedite;
  private final Queue<Entry<F>> entries = new ArrayDeque<>();

  /** Frames that are not done, or whose outcome is not small. */
  private final AtomicInteger large = new AtomicInteger();

  /** Done when the next frame turns out to be small, which makes room. */
  private volatile CompletableFuture<@Nullable Void> nextSmall = new CompletableFuture<>();

  private boolean abandoned;

  /**
   * @param turn told of each frame before it is waited for and written
   * @param emitter writes one outcome; if it throws, the window is abandoned
   * @param expedite told of each outcome that is not done when it is waited for
   */
  InFlightWindow(
      int capacityFrames,
      Consumer<F> turn,
      BiConsumer<F, Outcome> emitter,
      Consumer<CompletableFuture<Outcome>> expedite) {
    if (capacityFrames < 1) {
      throw new IllegalArgumentException("A window needs room for a frame: " + capacityFrames);
    }
    this.capacityFrames = capacityFrames;
    this.turn = turn;
    this.emitter = emitter;
    this.expedite = expedite;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Takes a frame that has been submitted; there must be room. */
  void add(F frame, CompletableFuture<Outcome> outcome) {
    if (abandoned || isFull()) {
      outcome.cancel(false);
      throw new IllegalStateException(
          abandoned ? "The window is abandoned" : "The window is full: " + capacityFrames);
    }
    entries.add(new Entry<>(frame, outcome));
    large.incrementAndGet();
    var unused =
        outcome.whenComplete(
            (answer, failure) -> {
              if (answer != null && answer.isSmall()) {
                large.decrementAndGet();
                nextSmall.complete(null);
              }
            });
  }

  /** Emits the outcomes that are done and have nothing unfinished before them; never waits. */
  void emitCompleted(DrainBudget budget) {
    for (Entry<F> oldest = entries.peek();
        oldest != null && oldest.outcome.isDone();
        oldest = entries.peek()) {
      emitOldest(budget);
    }
  }

  /** Emits the oldest frames, waiting for them if it must, until one more fits. */
  void awaitRoom(DrainBudget budget) {
    while (true) {
      // Before the look at how full it is, so that no change after the look goes unnoticed.
      CompletableFuture<@Nullable Void> change = new CompletableFuture<>();
      nextSmall = change;
      if (!isFull()) {
        return;
      }
      Entry<F> oldest = entries.element();
      if (!oldest.outcome.isDone() && !abandoned) {
        awaitEither(oldest, change, budget);
      }
      if (oldest.outcome.isDone() || abandoned) {
        emitOldest(budget);
      }
    }
  }

  /** Waits for a frame's outcome, or for another's that needs no room. */
  private void awaitEither(
      Entry<F> oldest, CompletableFuture<@Nullable Void> change, DrainBudget budget) {
    boolean waited = false;
    turn.accept(oldest.frame);
    try {
      expedite.accept(oldest.outcome);
      budget.await(CompletableFuture.anyOf(oldest.outcome, change), oldest.frame);
      waited = true;
    } finally {
      if (!waited) {
        abandon();
      }
    }
  }

  /** Waits for and emits every frame. */
  void drain(DrainBudget budget) {
    while (!entries.isEmpty()) {
      emitOldest(budget);
    }
  }

  /** Gives up every frame that is not emitted yet. */
  void abandon() {
    abandoned = true;
    entries.forEach(entry -> entry.outcome.cancel(false));
  }

  private boolean isFull() {
    return large.get() >= capacityFrames
        || entries.size() >= (long) SMALL_OUTCOMES_PER_FRAME * capacityFrames;
  }

  private void emitOldest(DrainBudget budget) {
    Entry<F> oldest = entries.element();
    if (abandoned) {
      throw new EngineFailureException(
          "Frame " + oldest.frame + " was given up; it must be read again", null);
    }
    boolean emitted = false;
    turn.accept(oldest.frame);
    try {
      if (!oldest.outcome.isDone()) {
        expedite.accept(oldest.outcome);
      }
      Outcome outcome = budget.await(oldest.outcome, oldest.frame);
      emitter.accept(oldest.frame, outcome);
      entries.remove();
      if (!outcome.isSmall()) {
        large.decrementAndGet();
      }
      emitted = true;
    } finally {
      if (!emitted) {
        abandon();
      }
    }
  }
}
