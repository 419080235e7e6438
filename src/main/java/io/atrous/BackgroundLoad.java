package io.atrous;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Loads a part on a thread of its own while its owner does something else. If nobody {@linkplain
 * #take takes} the part, it is ended.
 *
 * <p><b>Threading:</b> confined to its owner's thread.
 */
final class BackgroundLoad<P> implements AutoCloseable {

  private final CompletableFuture<P> loading;
  private final Consumer<P> end;
  private boolean taken;

  private BackgroundLoad(CompletableFuture<P> loading, Consumer<P> end) {
    this.loading = loading;
    this.end = end;
  }

  /**
   * Begins to load a part.
   *
   * @param name the thread's
   * @param end closes a part that is not taken
   */
  static <P> BackgroundLoad<P> start(String name, Supplier<P> load, Consumer<P> end) {
    CompletableFuture<P> loading = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                loading.complete(load.get());
              } catch (RuntimeException | Error failure) {
                loading.completeExceptionally(failure);
              }
            },
            name);
    // A network that takes minutes must not keep a process whose start has failed.
    thread.setDaemon(true);
    thread.start();
    return new BackgroundLoad<>(loading, end);
  }

  /**
   * Waits for the part, which then belongs to the caller.
   *
   * @throws RuntimeException what loading threw
   */
  P take() {
    try {
      P part = loading.join();
      taken = true;
      return part;
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  /** Ends the part, now or as soon as it is loaded, if it was not taken; does not wait. */
  @Override
  public void close() {
    if (!taken) {
      var unused = loading.thenAccept(end);
    }
  }
}
