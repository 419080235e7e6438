package io.atrous.model;

import org.jspecify.annotations.Nullable;

/** A model file can't be used, and the message says in one sentence which and why. */
public final class ModelFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ModelFileException(String message) {
    super(message);
  }

  public ModelFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
