package io.atrous.batching;

/** Why a batch leaves the queue. */
public enum DepartureReason {
  /** As many requests wait as a batch may have. */
  FULL,
  /** The oldest request has waited as long as it may. */
  QUEUE_DELAY,
  /** The queue is closing, and answers what is left. */
  CLOSING
}
