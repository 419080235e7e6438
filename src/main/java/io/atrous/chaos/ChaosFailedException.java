package io.atrous.chaos;

import org.jspecify.annotations.Nullable;

/** The experiment could not be carried through; the message is one sentence. */
public final class ChaosFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ChaosFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
