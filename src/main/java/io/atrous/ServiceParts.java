package io.atrous;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a service, which are closed in the reverse of the order in which they were made.
 *
 * <p><b>Threading:</b> not thread-safe; its users take turns.
 */
final class ServiceParts {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceParts.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Takes a part, and returns it. */
  <P extends AutoCloseable> P own(P part) {
    parts.push(part);
    return part;
  }

  /** Closes all parts, for as long as it takes. */
  void close() {
    @Nullable AutoCloseable part;
    while ((part = parts.poll()) != null) {
      close(part);
    }
  }

  /** Closes all parts, each within its share of a time; what does not close is left behind. */
  void closeWithin(GracePeriod grace) {
    @Nullable AutoCloseable part;
    while ((part = parts.poll()) != null) {
      close(part, grace.forNextOf(parts.size() + 1));
    }
  }

  /** A device that hangs must not keep the process: whoever stops it would have to kill it. */
  private static void close(AutoCloseable part, Duration limit) {
    Thread closer = new Thread(() -> close(part), "closer");
    closer.setDaemon(true);
    closer.start();
    try {
      closer.join(limit.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (closer.isAlive()) {
      LOG.warn("{} did not close in time; leaving it behind", part.getClass().getSimpleName());
    }
  }

  /** Closes a part; if it can't be closed, the log says so. */
  static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("Could not close {}", part, e);
    }
  }
}
