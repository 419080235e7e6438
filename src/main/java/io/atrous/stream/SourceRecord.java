package io.atrous.stream;

import io.atrous.tracing.FrameTrace;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * A record of an input topic as it was read.
 *
 * @param attemptId which attempt at its frame this is: the same for every record of one window
 *     generation
 * @param trace follows the frame
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
    String attemptId,
    FrameTrace trace) {

  /** Makes a record whose frame nobody follows. */
  public SourceRecord(
      String topic,
      int partition,
      long offset,
      long timestampMillis,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Headers headers,
      String attemptId) {
    this(
        topic, partition, offset, timestampMillis, key, value, headers, attemptId, FrameTrace.NONE);
  }

  /**
   * A record as a processor gets it.
   *
   * @param place where it was read
   */
  public static SourceRecord of(
      RecordMetadata place, Record<byte[], byte[]> record, String attemptId) {
    return of(place, record, attemptId, FrameTrace.NONE);
  }

  static SourceRecord of(
      RecordMetadata place, Record<byte[], byte[]> record, String attemptId, FrameTrace trace) {
    return new SourceRecord(
        place.topic(),
        place.partition(),
        place.offset(),
        record.timestamp(),
        record.key(),
        record.value(),
        record.headers(),
        attemptId,
        trace);
  }

  /** Returns the camera of the frame; a record without a key stands for its partition. */
  CameraId camera() {
    return key == null ? CameraId.ofPartition(topic, partition) : CameraId.ofKey(key);
  }

  /** topic/partition@offset: the same for every replay of this record. */
  public String outcomeId() {
    return topic + "/" + partition + "@" + offset;
  }
}
