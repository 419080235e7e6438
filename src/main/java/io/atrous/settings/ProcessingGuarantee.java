package io.atrous.settings;

import java.util.Locale;

/** Kafka's two guarantees, by the names Streams gives them. */
public enum ProcessingGuarantee {
  EXACTLY_ONCE_V2,
  AT_LEAST_ONCE;

  /** Returns the value's spelling in the configuration. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
