package io.atrous.inference;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the fastest of the ways to run a model. The best so far meets the next: the two take turns
 * on one image, so that whatever else the machine does slows both, and each counts with its best
 * run. No more than two are in memory.
 *
 * <p>Fewer bits have to earn their place: they win only if they are {@value #NARROWER_GAIN} times
 * as fast. That a machine runs them says nothing; without instructions for them it is slower.
 *
 * <p>Fast and wrong is no choice: a variant that labels the first one's {@link Canary} otherwise in
 * more than {@value #MAX_DIFFERENCE} of its pixels is not taken. Rounding moves less than one in a
 * hundred, even with random weights in bf16.
 *
 * <p><b>Threading:</b> confined to the thread that the engines are to belong to.
 */
public final class VariantTrial<V extends EngineVariant, E extends SegmentationEngine> {

  static final double NARROWER_GAIN = 1.2;
  static final double MAX_DIFFERENCE = 0.05;

  private static final Logger LOG = LoggerFactory.getLogger(VariantTrial.class);
  private static final int ROUNDS = 5;

  /** A large network tells its speed in fewer rounds, but one may have been disturbed. */
  private static final long ENOUGH_NANOS = 3_000_000_000L;

  private static final int LEAST_ROUNDS = 2;

  /** So much slower is no disturbance: a processor without instructions for a precision. */
  private static final double HOPELESS = 3;

  private final Function<V, E> start;
  private final LongSupplier nanoTime;

  private record Contender<E>(EngineVariant variant, E engine) {}

  /**
   * A trial.
   *
   * @param start starts an engine; an {@link EngineFailedException} says that the variant does not
   *     run here
   */
  public VariantTrial(Function<V, E> start, LongSupplier nanoTime) {
    this.start = start;
    this.nanoTime = nanoTime;
  }

  /**
   * Tries variants.
   *
   * @param variants at least one, wider precisions first
   * @return the fastest that is sound, the caller's to close; the others are closed
   * @throws EngineFailedException if none runs here
   */
  public E fastest(List<V> variants) {
    Contender<E> best = null;
    Canary canary = null;
    EngineFailedException failure = null;
    for (V variant : variants) {
      try {
        Contender<E> next = warm(variant);
        if (best == null || canary == null) {
          canary = canary(next);
          best = next;
        } else if (agrees(next, canary)) {
          best = winner(best, next);
        } else {
          close(next);
        }
      } catch (EngineFailedException e) {
        // As a build of PyTorch without oneDNN would, or oneDNN on a processor without AVX-512.
        LOG.info("{} does not run here: {}", variant.label(), e.getMessage());
        LOG.debug("{} does not run here", variant.label(), e);
        failure = e;
      } catch (Throwable e) {
        close(best);
        throw e;
      }
    }
    if (best == null) {
      throw failure == null
          ? new EngineFailedException("there is no variant to run", null)
          : failure;
    }
    return best.engine;
  }

  private Contender<E> warm(V variant) {
    Contender<E> contender = new Contender<>(variant, start.apply(variant));
    try {
      nanos(contender);
      return contender;
    } catch (Throwable e) {
      close(contender);
      throw e;
    }
  }

  private static Canary canary(Contender<? extends SegmentationEngine> first) {
    try {
      return Canary.of(first.engine);
    } catch (Throwable e) {
      close(first);
      throw e;
    }
  }

  private static boolean agrees(Contender<? extends SegmentationEngine> next, Canary canary) {
    double difference;
    try {
      difference = canary.changedFraction(next.engine);
    } catch (Throwable e) {
      close(next);
      throw e;
    }
    if (difference > MAX_DIFFERENCE) {
      LOG.warn(
          "{} labels {} % of a known image otherwise than its rivals: not used",
          next.variant.label(), Math.round(100 * difference));
    }
    return difference <= MAX_DIFFERENCE;
  }

  /** Which of two is to be kept; the other is closed. */
  private Contender<E> winner(Contender<E> best, Contender<E> next) {
    long bestNanos = Long.MAX_VALUE;
    long nextNanos = Long.MAX_VALUE;
    try {
      long startNanos = nanoTime.getAsLong();
      for (int i = 0;
          i < ROUNDS
              && (i < LEAST_ROUNDS || nanoTime.getAsLong() - startNanos < ENOUGH_NANOS)
              && (i == 0 || nextNanos < HOPELESS * bestNanos);
          i++) {
        bestNanos = Math.min(bestNanos, nanos(best));
        nextNanos = Math.min(nextNanos, nanos(next));
      }
    } catch (Throwable e) {
      close(next);
      throw e;
    }
    boolean narrower = next.variant.precision().bits() < best.variant.precision().bits();
    boolean won = nextNanos * (narrower ? NARROWER_GAIN : 1) < bestNanos;
    Contender<E> winner = won ? next : best;
    LOG.info(
        "{}: {} ms per image; {}: {} ms; keeping {}{}",
        best.variant.label(),
        millis(bestNanos),
        next.variant.label(),
        millis(nextNanos),
        winner.variant.label(),
        !won && narrower ? ", since fewer bits have to gain a factor of " + NARROWER_GAIN : "");
    close(won ? best : next);
    return winner;
  }

  private long nanos(Contender<E> contender) {
    EngineProfile profile = contender.engine.profile();
    ByteBuffer image = ByteBuffer.allocateDirect(profile.inputHeight() * profile.inputWidth() * 3);
    long startNanos = nanoTime.getAsLong();
    contender.engine.segment(List.of(image));
    return nanoTime.getAsLong() - startNanos;
  }

  private static void close(@Nullable Contender<? extends SegmentationEngine> contender) {
    if (contender != null) {
      contender.engine.close();
    }
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
  }
}
