package io.atrous.stream;

import io.atrous.stream.Outcome.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A record of an outcome on its way to the producer. Streams hands it over without the source that
 * it came from, but on the thread that forwards it: so the thread says what it is.
 *
 * @param channel output topic that it goes to
 */
record OutgoingRecord(String outcomeId, Channel channel) {

  private static final ThreadLocal<@Nullable OutgoingRecord> CURRENT = new ThreadLocal<>();

  /** Returns the record that the calling thread forwards; null if it forwards none. */
  static @Nullable OutgoingRecord current() {
    return CURRENT.get();
  }

  /** Forwards the record. */
  void forward(Runnable forwarding) {
    CURRENT.set(this);
    try {
      forwarding.run();
    } finally {
      CURRENT.remove();
    }
  }
}
