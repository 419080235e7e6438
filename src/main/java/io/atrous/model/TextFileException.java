package io.atrous.model;

import java.io.IOException;

/**
 * A text file can't be read, and the message says why, as the end of a sentence that names the
 * file.
 */
public final class TextFileException extends IOException {

  private static final long serialVersionUID = 1L;

  TextFileException(String message) {
    super(message);
  }

  TextFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
