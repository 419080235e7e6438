package io.atrous.stream;

import java.util.concurrent.CompletableFuture;

/**
 * Turns a source record into its one outcome, away from the stream thread.
 *
 * <p><b>Threading:</b> thread-safe; {@link #analyze} never blocks for long.
 */
public interface FrameAnalyzer {

  /**
   * Starts work on a record. A record that can't be answered with a mask completes normally with a
   * dead letter; the future fails only if the service itself is broken (engine, registry), and then
   * the record's offset must not be committed. Cancelling the future gives the work up.
   */
  CompletableFuture<Outcome> analyze(SourceRecord record);

  /**
   * Says that a stream thread, and with it all of its tasks, waits for this outcome: its frame goes
   * before others.
   *
   * @param outcome what {@link #analyze} returned
   */
  default void expedite(CompletableFuture<Outcome> outcome) {}
}
