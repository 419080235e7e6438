package io.atrous.tracing;

import java.util.Locale;

/** A stage of a frame's way that has a histogram in the metrics and a span in the frame's trace. */
public enum Stage {
  FETCH,
  DECODE,
  QUEUE,
  INFERENCE,
  ENCODE;

  /** Returns the stage's name in metrics and traces. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
