package io.atrous.ingest;

/** Why a picture did not become a frame on Kafka. */
enum DropReason {
  /** Newer ones came while Kafka, or the store of large frames, was slow or away. */
  OVERFLOW,
  /** It is larger than the limit, or than Kafka takes where there is no store for large ones. */
  TOO_LARGE,
  /** It broke off in the middle. */
  DAMAGED,
  /** The store of large frames did not take it. */
  STORE,
  /** Kafka did not take it. */
  KAFKA
}
