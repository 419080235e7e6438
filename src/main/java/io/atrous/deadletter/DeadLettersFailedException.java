package io.atrous.deadletter;

import org.jspecify.annotations.Nullable;

/** Dead letters can't be read to their end, or not all of them be sent again. */
public final class DeadLettersFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message one sentence
   */
  DeadLettersFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
