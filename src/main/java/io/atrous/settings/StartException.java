package io.atrous.settings;

import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.SchemaRegistryException;

/** The service can't start, and the message says in one sentence why and what to do. */
public final class StartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public StartException(String message) {
    super(message);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The schema registry can't be used. */
  public StartException(SchemaRegistryException cause) {
    this(
        "The schema registry at '"
            + SchemaRegistryConfig.URL
            + "' can't be used: "
            + cause.getMessage(),
        cause);
  }
}
