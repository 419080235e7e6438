package io.atrous.event;

import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * The schema registry didn't do what it was asked to. It says nothing about the record in hand: the
 * record may well be good, so nothing may be dropped because of this. Messages never hold
 * credentials.
 */
public final class SchemaRegistryException extends KafkaException {

  /** The subject doesn't exist. */
  public static final int SUBJECT_NOT_FOUND = 40401;

  /** The subject has no such version. */
  public static final int VERSION_NOT_FOUND = 40402;

  /** No such schema: the id is unknown, or the schema isn't registered under the subject. */
  public static final int SCHEMA_NOT_FOUND = 40403;

  /** The subject's compatibility rule forbids the schema. */
  public static final int INCOMPATIBLE_SCHEMA = 409;

  private static final long serialVersionUID = 1L;

  private final boolean retriable;
  private final int errorCode;

  SchemaRegistryException(
      String message, boolean retriable, int errorCode, @Nullable Throwable cause) {
    super(UntrustedText.oneLine(message), cause);
    this.retriable = retriable;
    this.errorCode = errorCode;
  }

  /** True if the same request may succeed later: an outage rather than a refusal. */
  public boolean isRetriable() {
    return retriable;
  }

  /** The registry's own {@code error_code}, or 0 if it gave none. */
  public int errorCode() {
    return errorCode;
  }
}
