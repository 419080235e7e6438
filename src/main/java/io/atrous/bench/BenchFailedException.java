package io.atrous.bench;

/** Thrown when the subject of a measurement gives wrong results. */
public final class BenchFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BenchFailedException(String message) {
    super(message);
  }
}
