package io.atrous.tracing;

import java.util.List;
import org.apache.kafka.common.header.Headers;

/**
 * Follows frames, and the batches that they meet in.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public interface FrameTracer extends AutoCloseable {

  /** The tracer that follows nothing. */
  FrameTracer OFF = new OffTracer();

  /**
   * Begins to follow a frame, in the trace that its record's headers name, or in a new one.
   *
   * @param headers the record's
   * @param arrivedNanos the time at which the frame arrived
   */
  FrameTrace begin(String topic, int partition, long offset, Headers headers, long arrivedNanos);

  /**
   * Tells of a batch that has run, and its frames of their inference if it did not fail.
   *
   * @param frames the batch's
   */
  void ran(BatchRun batch, List<FrameTrace> frames);

  /** Sends what has been told and not sent yet, as far as that goes in a few seconds. */
  @Override
  void close();
}
