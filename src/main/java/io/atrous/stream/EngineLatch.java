package io.atrous.stream;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Remembers that the engine has failed to answer in time. It never opens again: a stuck engine is
 * left behind by ending the process, and until then no task waits for it any more.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class EngineLatch {

  private final CompletableFuture<EngineFailureException> failure = new CompletableFuture<>();

  /** Why the engine counts as failed, if it does. */
  public Optional<EngineFailureException> failure() {
    return Optional.ofNullable(failure.getNow(null));
  }

  /**
   * Has an action told of the failure, once, on the thread that noticed it and before that thread
   * gives its task up; at once if the engine has failed already.
   */
  public void whenFailed(Consumer<EngineFailureException> action) {
    var unused = failure.thenAccept(action);
  }

  void fail(EngineFailureException first) {
    failure.complete(first);
  }
}
