package io.atrous.frame;

import org.jspecify.annotations.Nullable;

/**
 * A frame can't become an image: an ordinary outcome of that frame, not a failure of the service.
 */
public final class FrameRejectedException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Why, for programs; the names are those of the wire contract's {@code DeadLetterReason}. */
  public enum Reason {
    /** The payload isn't an image of its encoding, or a damaged one. */
    UNDECODABLE_IMAGE,
    /** The payload, or the image it claims to hold, is over the limits. */
    TOO_LARGE,
    /** No decoder for this encoding. */
    UNSUPPORTED_ENCODING,
    /** Width and height are missing, impossible, or don't fit the payload. */
    INVALID_DIMENSIONS,
    /** The payload lies elsewhere and can't be had from there, or must not be. */
    REFERENCE_UNAVAILABLE,
    /** What lies there isn't what the reference says. */
    REFERENCE_MISMATCH
  }

  private final Reason reason;

  /**
   * @param message why, for people: one sentence
   */
  public FrameRejectedException(Reason reason, String message) {
    this(reason, message, null);
  }

  /**
   * @param message why, for people: one sentence
   */
  public FrameRejectedException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
