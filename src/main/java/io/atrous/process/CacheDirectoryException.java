package io.atrous.process;

/**
 * Native libraries can't be unpacked or loaded, and the message says in one sentence why and what
 * to do.
 */
public final class CacheDirectoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CacheDirectoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
