package io.atrous.stream;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * How far the tasks of this process have answered their partitions: what a lag is counted from.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class PartitionProgress {

  private final Map<TopicPartition, Taken> partitions = new ConcurrentHashMap<>();

  /**
   * The first record of a partition that has no outcome yet.
   *
   * @param offset its offset; it may not have been read, or not even be written
   * @param timestampMillis its timestamp; null if it has not been read
   */
  public record Unanswered(long offset, @Nullable Long timestampMillis) {}

  private record Frame(long offset, long timestampMillis) {}

  /** The frames of a partition that are in flight, and the offset behind the last taken. */
  private static final class Taken {

    private final Queue<Frame> inFlight = new ArrayDeque<>();
    private long nextOffset;

    synchronized void add(Frame frame) {
      inFlight.add(frame);
      nextOffset = frame.offset + 1;
    }

    synchronized void removeOldest() {
      inFlight.remove();
    }

    synchronized int size() {
      return inFlight.size();
    }

    synchronized Unanswered unanswered() {
      Frame oldest = inFlight.peek();
      return oldest == null
          ? new Unanswered(nextOffset, null)
          : new Unanswered(oldest.offset, oldest.timestampMillis);
    }
  }

  /**
   * Counts a frame as in flight.
   *
   * @return its partition
   */
  TopicPartition taken(RecordMetadata record, long timestampMillis) {
    TopicPartition partition = partition(record);
    partitions
        .computeIfAbsent(partition, any -> new Taken())
        .add(new Frame(record.offset(), timestampMillis));
    return partition;
  }

  /** Counts the oldest frame of its partition as answered. */
  void answered(RecordMetadata record) {
    Taken taken = partitions.get(partition(record));
    if (taken != null) {
      taken.removeOldest();
    }
  }

  /** Forgets a partition whose task ends, or begins anew. */
  void forget(TopicPartition partition) {
    partitions.remove(partition);
  }

  /** Returns where a partition stands; empty if nothing has been taken from it. */
  public Optional<Unanswered> of(TopicPartition partition) {
    return Optional.ofNullable(partitions.get(partition)).map(Taken::unanswered);
  }

  /** Returns the number of frames of all partitions that are in flight. */
  int framesInFlight() {
    return partitions.values().stream().mapToInt(Taken::size).sum();
  }

  private static TopicPartition partition(RecordMetadata record) {
    return new TopicPartition(record.topic(), record.partition());
  }
}
