package io.atrous.process;

/**
 * Native libraries can't be unpacked anywhere, and the message says in one sentence what was tried.
 */
public final class CacheDirectoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CacheDirectoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
