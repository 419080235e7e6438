package io.atrous.batching;

/** Why a batch leaves the queue. */
public enum DepartureReason {
  /** The batch is full: as many requests wait as it may have. */
  FULL,
  /** The oldest request has waited as long as it may. */
  QUEUE_DELAY,
  /** The queue is closing, and answers what is left. */
  CLOSING
}
