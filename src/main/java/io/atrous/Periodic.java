package io.atrous;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Does the same again and again, at a fixed interval, until it is closed.
 *
 * <p><b>Threading:</b> thread-safe; owns one thread, which does it.
 */
final class Periodic implements AutoCloseable {

  private final ScheduledExecutorService timer;

  private Periodic(String name) {
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts the thread.
   *
   * @param name the thread's name
   * @param action is done for the first time after one interval; must not throw
   */
  static Periodic start(String name, Duration interval, Runnable action) {
    Periodic periodic = new Periodic(name);
    var unused =
        periodic.timer.scheduleAtFixedRate(
            action, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return periodic;
  }

  /** Interrupts the action if it runs, and waits for its end. */
  @Override
  public void close() {
    timer.shutdownNow();
    try {
      var unused = timer.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
