package io.atrous.chaos;

/** The faults of a device's engine. */
enum EngineFault {
  /** It works. */
  NONE,
  /** It fails on one batch, and works again. */
  FAILS_ONCE,
  /** It fails on whatever it is asked. */
  BROKEN,
  /** It never comes back from a call, as a driver does that waits for a lost device. */
  HANGS,
  /** It has memory for one image, not for two. */
  OUT_OF_MEMORY
}
