package io.atrous.stream;

import org.apache.kafka.common.header.Headers;
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

  /** topic/partition@offset: the same for every replay of this record. */
  public String outcomeId() {
    return topic + "/" + partition + "@" + offset;
  }
}
