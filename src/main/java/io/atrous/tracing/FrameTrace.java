package io.atrous.tracing;

import java.util.List;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The trace of one frame, from its arrival until its outcome is written. Times are those of the
 * tracer's clock. What is told after the end is passed over.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface FrameTrace {

  /** The trace of a frame that nobody follows. */
  FrameTrace NONE = new UntracedFrame();

  /** Returns the id of the trace, for log lines; null if nobody follows the frame. */
  @Nullable String id();

  /** Returns the headers by which the frame's outcome continues the trace; may be none. */
  List<Header> headers();

  /** Says which camera the frame is of. */
  void isOf(String camera);

  /** Says which frame it is, once its record is read. */
  void isRead(String frameId);

  /** Says that the frame was in a stage from one time to another. */
  void ran(Stage stage, long startNanos, long endNanos);

  /**
   * Ends the trace: the frame's outcome is written.
   *
   * @param outcome kind of the outcome, as in the metrics
   * @param reason why it is no mask; empty if it is one
   */
  void isWritten(String outcome, String reason, long nowNanos);

  /** Ends the trace: the service could not answer the frame, which is to be read again. */
  void fails(Throwable failure);

  /** Ends the trace: the frame was given up with its partition, and is to be read again. */
  void isGivenUp();
}
