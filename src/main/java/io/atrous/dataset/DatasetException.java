package io.atrous.dataset;

import org.jspecify.annotations.Nullable;

/** A data set can't be used, and the message says in one sentence which file and why. */
public final class DatasetException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public DatasetException(String message) {
    super(message);
  }

  public DatasetException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
