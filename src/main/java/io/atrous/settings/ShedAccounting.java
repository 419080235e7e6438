package io.atrous.settings;

/** What a frame that is shed leaves behind. */
public enum ShedAccounting {
  /** A dead letter with the reason STALE. */
  DEAD_LETTER,
  /** A count, and a line in the log. */
  COUNTER
}
