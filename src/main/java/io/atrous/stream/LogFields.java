package io.atrous.stream;

import io.atrous.event.UntrustedText;
import io.atrous.tracing.FrameTrace;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Which frame a thread works on, as fields of its log lines: {@value #OUTCOME}, {@value #CAMERA}
 * and, once its record has been read, {@value #FRAME}; {@value #TRACE} if the frame is traced.
 *
 * <p>Work that fails leaves them in place: the line that tells of the failure is written by whoever
 * catches it, and is about this frame. The next frame's replace them.
 */
final class LogFields {

  static final String OUTCOME = "outcome";
  static final String CAMERA = "camera";
  static final String FRAME = "frame";

  /** The field's name in OpenTelemetry's log data model. */
  static final String TRACE = "trace_id";

  private LogFields() {}

  /**
   * This thread works on that frame from now on.
   *
   * @param outcomeId topic/partition@offset
   * @param camera whose frame it is
   * @param frameId the producer's label, if it is known
   * @param trace follows the frame
   */
  static void set(String outcomeId, CameraId camera, @Nullable String frameId, FrameTrace trace) {
    MDC.put(OUTCOME, outcomeId);
    MDC.put(CAMERA, camera.toString());
    put(FRAME, frameId == null ? null : UntrustedText.oneLine(frameId));
    put(TRACE, trace.id());
  }

  private static void put(String field, @Nullable String value) {
    if (value == null) {
      MDC.remove(field);
    } else {
      MDC.put(field, value);
    }
  }

  /** This thread works on no frame. */
  static void clear() {
    MDC.remove(OUTCOME);
    MDC.remove(CAMERA);
    MDC.remove(FRAME);
    MDC.remove(TRACE);
  }
}
