package io.atrous.mask;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when bytes do not hold a valid mask. */
public final class MaskFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  /** One sentence, without its full stop. */
  public MaskFormatException(String message) {
    this(message, null);
  }

  MaskFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
