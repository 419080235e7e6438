package io.atrous;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for what other threads and processes do. */
public final class Await {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PAUSE_MILLIS = 10;

  private Await() {}

  /** A condition, which may fail to be known. */
  @FunctionalInterface
  public interface Condition {

    /** Returns whether it holds. */
    boolean holds() throws Exception;
  }

  /**
   * Looks again and again until a condition holds.
   *
   * @throws AssertionError after two minutes, with the name of the condition, or if it can't be
   *     known
   */
  public static void until(String name, Condition condition) {
    long beginNanos = System.nanoTime();
    try {
      while (!condition.holds()) {
        if (System.nanoTime() - beginNanos > PATIENCE.toNanos()) {
          throw new AssertionError("Not within " + PATIENCE.toSeconds() + " s: " + name);
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (Exception e) {
      throw new AssertionError("Not known: " + name, e);
    }
  }
}
