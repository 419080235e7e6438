package io.atrous.event;

import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * This record is bad, and will be bad each time it is tried: it isn't in Confluent's wire format,
 * its schema is unknown or describes something else, or its bytes don't follow its schema. When
 * serialising: the event lacks a field.
 */
public final class InvalidEventException extends SerializationException {

  private static final long serialVersionUID = 1L;

  public InvalidEventException(String message) {
    super(UntrustedText.oneLine(message));
  }

  public InvalidEventException(String message, @Nullable Throwable cause) {
    super(UntrustedText.oneLine(message), cause);
  }
}
