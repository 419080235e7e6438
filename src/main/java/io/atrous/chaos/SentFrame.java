package io.atrous.chaos;

import io.atrous.event.DeadLetterReason;
import org.jspecify.annotations.Nullable;

/**
 * A frame that the broker has acknowledged.
 *
 * @param topic the topic of the frame's record
 * @param partition the partition of the frame's record
 * @param offset the offset of the frame's record
 * @param cameraId its camera, the record's key
 * @param sequence its number at its camera
 * @param frameId its producer's label
 * @param picture the name of its picture: frames of one picture deserve the same mask
 * @param poison why it deserves a dead letter, or null if it deserves a mask
 */
public record SentFrame(
    String topic,
    int partition,
    long offset,
    String cameraId,
    long sequence,
    String frameId,
    String picture,
    @Nullable DeadLetterReason poison) {

  /** The id under which its outcome must appear. */
  public String outcomeId() {
    return topic + "/" + partition + "@" + offset;
  }
}
