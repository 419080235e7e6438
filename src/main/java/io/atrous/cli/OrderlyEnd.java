package io.atrous.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets work come to its end on Ctrl-C or SIGTERM: the JVM asks it to stop, and waits until it has.
 *
 * <p><b>Threading:</b> the work runs on the caller's thread, and is asked to stop from another.
 */
final class OrderlyEnd {

  /** The time to wait for the work; commands end within 15 s. */
  private static final long PATIENCE_SECONDS = 14;

  private OrderlyEnd() {}

  /**
   * Does the work. After it the JVM may end at once, so what is to be said of its end is part of
   * it.
   *
   * @param stop has the work return soon; is called once it has returned, too
   */
  static <T> T of(Callable<T> work, Runnable stop) throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(stop, ended), "end"));
    try {
      return work.call();
    } finally {
      ended.countDown();
    }
  }

  private static void end(Runnable stop, CountDownLatch ended) {
    stop.run();
    try {
      var unused = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
