package io.atrous.stream;

import org.jspecify.annotations.Nullable;

/**
 * A frame has no outcome, and not because of the frame: the task must fail and its offset must not
 * be committed.
 *
 * <p>Not one of Kafka's exceptions on purpose: to some of those Streams answers with a retry.
 */
public final class EngineFailureException extends RuntimeException {

  EngineFailureException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
