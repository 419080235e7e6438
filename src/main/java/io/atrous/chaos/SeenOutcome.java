package io.atrous.chaos;

import io.atrous.event.DeadLetterReason;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A mask or a dead letter, as a consumer read it.
 *
 * @param topic where it was read
 * @param partition where it was read
 * @param outcomeId the position of the frame that it answers
 * @param attemptId the attempt that it belongs to
 * @param cameraId as the event says, or null if the frame's record could not be decoded
 * @param sequence as the event says, or null
 * @param frameId as the event says, or null
 * @param regionCount how many regions a mask announces; 0 for a dead letter
 * @param pixelsByClass how much of the mask each class covers; empty for a dead letter
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
