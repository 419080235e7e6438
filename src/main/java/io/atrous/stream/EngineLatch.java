package io.atrous.stream;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Remembers that the engine has failed to answer in time. It never opens again: a stuck engine is
 * left behind by ending the process, and until then no task waits for it any more.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class EngineLatch {

  private final AtomicReference<EngineFailureException> failure = new AtomicReference<>();

  /** Why the engine counts as failed, if it does. */
  public Optional<EngineFailureException> failure() {
    return Optional.ofNullable(failure.get());
  }

  void fail(EngineFailureException first) {
    failure.compareAndSet(null, first);
  }
}
