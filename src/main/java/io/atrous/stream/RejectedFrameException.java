package io.atrous.stream;

import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEvent;
import io.atrous.event.UntrustedText;
import io.atrous.frame.FrameRejectedException;
import org.jspecify.annotations.Nullable;

/** A frame can't be answered with a mask, through no fault of the service: a dead letter. */
final class RejectedFrameException extends Exception {

  private static final long serialVersionUID = 1L;

  /** Of the shortest message: enough to say what happened. */
  private static final int SHORT_MESSAGE_CHARS = 200;

  private final DeadLetterReason reason;
  private final transient @Nullable FrameEvent event;

  /**
   * @param message one sentence; what strangers wrote in it is made fit to be read
   */
  RejectedFrameException(
      DeadLetterReason reason, @Nullable FrameEvent event, @Nullable String message) {
    super(UntrustedText.oneLine(String.valueOf(message)), null, false, false);
    this.reason = reason;
    this.event = event;
  }

  /** What a lower floor says about a frame, in the wire contract's words. */
  RejectedFrameException(FrameEvent event, FrameRejectedException cause) {
    this(DeadLetterReason.valueOf(cause.reason().name()), event, cause.getMessage());
  }

  /** Returns the same without the event, in few words. */
  RejectedFrameException shortened() {
    return new RejectedFrameException(
        reason, null, UntrustedText.oneLine(String.valueOf(getMessage()), SHORT_MESSAGE_CHARS));
  }

  DeadLetterReason reason() {
    return reason;
  }

  /** The frame event, as far as the record could be decoded. */
  @Nullable FrameEvent event() {
    return event;
  }
}
