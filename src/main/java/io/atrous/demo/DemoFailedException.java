package io.atrous.demo;

import org.jspecify.annotations.Nullable;

/** A demo that had started could not go on; the message says in one sentence why. */
public final class DemoFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DemoFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
