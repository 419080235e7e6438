package io.atrous.stream;

import io.atrous.event.DeadLetterReason;
import io.atrous.event.FrameEvent;
import org.jspecify.annotations.Nullable;

/** A frame can't be answered with a mask, through no fault of the service: a dead letter. */
final class RejectedFrameException extends Exception {

  private static final long serialVersionUID = 1L;

  private final DeadLetterReason reason;
  private final transient @Nullable FrameEvent event;

  RejectedFrameException(
      DeadLetterReason reason, @Nullable FrameEvent event, @Nullable String message) {
    super(message, null, false, false);
    this.reason = reason;
    this.event = event;
  }

  DeadLetterReason reason() {
    return reason;
  }

  /** The frame event, as far as the record could be decoded. */
  @Nullable FrameEvent event() {
    return event;
  }
}
