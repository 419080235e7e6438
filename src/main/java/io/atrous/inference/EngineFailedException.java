package io.atrous.inference;

import org.jspecify.annotations.Nullable;

/** A run of an engine failed, or a way to run a model does not work on this machine. */
public final class EngineFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * A failure.
   *
   * @param message the reason in one line, for people
   */
  public EngineFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
