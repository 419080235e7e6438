package io.atrous.training;

/** A training that can't go on, for a reason that the message says in a sentence. */
public final class TrainingFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TrainingFailedException(String message) {
    super(message);
  }

  TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
