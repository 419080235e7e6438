package io.atrous.inference;

/**
 * The engine can't take this image: it failed on it alone, twice, and right after gave a known
 * image the labels it gave it at start.
 */
public final class ImageRejectedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ImageRejectedException(String message, Throwable cause) {
    super(message, cause);
  }
}
