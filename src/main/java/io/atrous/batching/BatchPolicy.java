package io.atrous.batching;

import java.time.Duration;

/**
 * The limits that decide when a batch closes and how many requests may wait.
 *
 * @param maxBatchSize the most requests in a batch; a batch of this size is full
 * @param maxQueueDelay the longest time that the oldest request waits for others, counted from its
 *     arrival
 * @param capacity the most requests that may wait; at least {@code maxBatchSize}
 */
public record BatchPolicy(int maxBatchSize, Duration maxQueueDelay, int capacity) {

  private static final Duration LONGEST_QUEUE_DELAY = Duration.ofHours(1);

  public BatchPolicy {
    if (maxBatchSize < 1) {
      throw new IllegalArgumentException(
          "maximum batch size must be at least 1, not " + maxBatchSize);
    }
    if (maxQueueDelay.isNegative() || maxQueueDelay.compareTo(LONGEST_QUEUE_DELAY) > 0) {
      throw new IllegalArgumentException(
          "maximum queue delay must be between 0 and one hour, not " + maxQueueDelay);
    }
    if (capacity < maxBatchSize) {
      throw new IllegalArgumentException(
          "a queue of " + capacity + " can never hold a full batch of " + maxBatchSize);
    }
  }
}
