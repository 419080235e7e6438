package io.atrous.training;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Measures how long each phase of training takes. A CUDA device may still be at a phase's work when
 * the next one begins; over a whole step that evens out.
 *
 * <p><b>Threading:</b> confined to the training thread.
 */
public final class PhaseClock {

  /** The phases of a step. */
  public enum Phase {
    /** The wait for samples, and their way to the device. */
    DATA,
    /** The network and its loss. */
    FORWARD,
    /** The gradients. */
    BACKWARD,
    /** The optimizer. */
    OPTIMIZER
  }

  private final LongSupplier nanoTime;
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Phase phase = Phase.DATA;
  private long beganNanos;

  public PhaseClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.beganNanos = nanoTime.getAsLong();
  }

  /** Ends the phase that was and begins one. */
  void begin(Phase next) {
    long now = nanoTime.getAsLong();
    nanos.merge(phase, now - beganNanos, Long::sum);
    beganNanos = now;
    phase = next;
  }

  /** Returns the nanoseconds of a phase so far, over all its turns. */
  public long nanos(Phase of) {
    return nanos.getOrDefault(of, 0L);
  }
}
