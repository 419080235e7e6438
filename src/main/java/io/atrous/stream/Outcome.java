package io.atrous.stream;

import io.atrous.event.DeadLetterReason;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * All that one frame leaves behind, encoded: a mask and its regions, or a dead letter; or nothing,
 * if it was shed and shed frames are only counted.
 *
 * @param key the key of every emission
 * @param headers the headers of every emission
 * @param emissions in the order in which they are written
 * @param reason a dead letter's reason; null for a mask, or if there is nothing
 */
@SuppressWarnings("ArrayRecordComponent")
public record Outcome(
    byte @Nullable [] key,
    List<Header> headers,
    List<Emission> emissions,
    @Nullable DeadLetterReason reason) {

  private static final int SMALL_BYTES = 4096;

  /** Written out: NullAway doesn't see the key's annotation through a compact constructor. */
  public Outcome(
      byte @Nullable [] key,
      List<Header> headers,
      List<Emission> emissions,
      @Nullable DeadLetterReason reason) {
    this.key = key;
    this.headers = List.copyOf(headers);
    this.emissions = List.copyOf(emissions);
    this.reason = reason;
  }

  /** An outcome without headers that is no dead letter. */
  public Outcome(byte @Nullable [] key, List<Emission> emissions) {
    this(key, List.of(), emissions, null);
  }

  /** Whether it takes so little memory that many may wait behind one that is not done. */
  boolean isSmall() {
    return OutcomeHeaders.sizeBytes(headers)
            + emissions.stream().mapToLong(emission -> emission.value().length).sum()
        <= SMALL_BYTES;
  }

  /** Which output topic an emission goes to. */
  public enum Channel {
    MASKS,
    REGIONS,
    DEAD_LETTERS
  }

  /**
   * One record to write.
   *
   * @param value Avro in Confluent's wire format
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Emission(Channel channel, byte[] value) {}
}
