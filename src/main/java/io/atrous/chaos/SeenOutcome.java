package io.atrous.chaos;

import io.atrous.event.DeadLetterReason;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A mask or a dead letter, as a consumer read it.
 *
 * @param topic the topic that it was read from
 * @param partition the partition that it was read from
 * @param outcomeId the position of the frame that it answers
 * @param attemptId the attempt that it belongs to
 * @param cameraId the event's camera, or null if the frame's record could not be decoded
 * @param sequence the event's sequence number, or null
 * @param frameId the event's frame id, or null
 * @param regionCount the number of regions that a mask announces; 0 for a dead letter
 * @param pixelsByClass the number of mask pixels of each class; empty for a dead letter
 * @param reason why it is a dead letter, or null if it is a mask
 */
public record SeenOutcome(
    String topic,
    int partition,
    String outcomeId,
    String attemptId,
    @Nullable String cameraId,
    @Nullable Long sequence,
    @Nullable String frameId,
    int regionCount,
    Map<Integer, Long> pixelsByClass,
    @Nullable DeadLetterReason reason) {

  public SeenOutcome {
    pixelsByClass = Map.copyOf(pixelsByClass);
  }

  /** The attempt that it belongs to. */
  public Attempt attempt() {
    return new Attempt(outcomeId, attemptId);
  }

  public boolean isMask() {
    return reason == null;
  }
}
