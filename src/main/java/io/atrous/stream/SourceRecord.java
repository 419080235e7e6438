package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.event.UntrustedText;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A record of an input topic as it was read.
 *
 * @param attemptId which attempt at its frame this is: the same for every record of one window
 *     generation
 */
@SuppressWarnings("ArrayRecordComponent")
public record SourceRecord(
    String topic,
    int partition,
    long offset,
    long timestampMillis,
    byte @Nullable [] key,
    byte @Nullable [] value,
    Headers headers,
    String attemptId) {

  private static final int MAX_CAMERA_BYTES = 128;

  /**
   * A record as a processor gets it.
   *
   * @param place where it was read
   */
  public static SourceRecord of(
      RecordMetadata place, Record<byte[], byte[]> record, String attemptId) {
    return new SourceRecord(
        place.topic(),
        place.partition(),
        place.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        record.headers(),
        attemptId);
  }

  /**
   * Who the frame competes with and is counted under: its camera, which is the record's key; a
   * record without one stands for its partition. Safe to log.
   */
  String camera() {
    if (key == null) {
      return topic + "/" + partition;
    }
    return UntrustedText.oneLine(new String(key, 0, Math.min(key.length, MAX_CAMERA_BYTES), UTF_8));
  }

  /** topic/partition@offset: the same for every replay of this record. */
  public String outcomeId() {
    return topic + "/" + partition + "@" + offset;
  }
}
