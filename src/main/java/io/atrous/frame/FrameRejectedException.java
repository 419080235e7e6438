package io.atrous.frame;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a frame can't become an image: an ordinary outcome of that frame, not a failure of
 * the service.
 */
public final class FrameRejectedException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * The reason, for programs; the names are those of the wire contract's {@code DeadLetterReason}.
   */
  public enum Reason {
    /** The payload isn't an image of its encoding, or the image is damaged. */
    UNDECODABLE_IMAGE,
    /** The payload, or the image it claims to hold, is over the limits. */
    TOO_LARGE,
    /** There is no decoder for this encoding. */
    UNSUPPORTED_ENCODING,
    /** Width and height are missing, impossible, or don't fit the payload. */
    INVALID_DIMENSIONS,
    /** The payload is a reference that can't be fetched or is not allowed. */
    REFERENCE_UNAVAILABLE,
    /** The fetched payload differs from its reference in size or digest. */
    REFERENCE_MISMATCH
  }

  private final Reason reason;

  /**
   * @param message the reason for people, one sentence
   */
  public FrameRejectedException(Reason reason, String message) {
    this(reason, message, null);
  }

  /**
   * @param message the reason for people, one sentence
   */
  public FrameRejectedException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
