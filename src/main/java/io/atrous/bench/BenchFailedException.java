package io.atrous.bench;

/** What was to be measured computes something else than it should. */
public final class BenchFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BenchFailedException(String message) {
    super(message);
  }
}
