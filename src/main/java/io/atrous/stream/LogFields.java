package io.atrous.stream;

import io.atrous.event.UntrustedText;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Which frame a thread works on, as fields of its log lines: {@value #OUTCOME}, {@value #CAMERA}
 * and, once its record has been read, {@value #FRAME}.
 *
 * <p>Work that fails leaves them in place: the line that tells of the failure is written by whoever
 * catches it, and is about this frame. The next frame's replace them.
 */
final class LogFields {

  static final String OUTCOME = "outcome";
  static final String CAMERA = "camera";
  static final String FRAME = "frame";

  private LogFields() {}

  /**
   * This thread works on that frame from now on.
   *
   * @param outcomeId topic/partition@offset
   * @param camera whose frame it is
   * @param frameId the producer's label, if it is known
   */
  static void set(String outcomeId, CameraId camera, @Nullable String frameId) {
    MDC.put(OUTCOME, outcomeId);
    MDC.put(CAMERA, camera.toString());
    if (frameId == null) {
      MDC.remove(FRAME);
    } else {
      MDC.put(FRAME, UntrustedText.oneLine(frameId));
    }
  }

  /** This thread works on no frame. */
  static void clear() {
    MDC.remove(OUTCOME);
    MDC.remove(CAMERA);
    MDC.remove(FRAME);
  }
}
