package io.atrous.inference;

/**
 * The engine no longer does what it did at start. It says nothing of the images it was asked for:
 * none of them may be blamed, and all must be asked for again, of a new engine.
 */
public final class EngineBrokenException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  EngineBrokenException(String message, Throwable cause) {
    super(message, cause);
  }
}
