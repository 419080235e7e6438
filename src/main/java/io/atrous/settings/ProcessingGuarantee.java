package io.atrous.settings;

import java.util.Locale;

/** Kafka's two guarantees, by the names Streams gives them. */
public enum ProcessingGuarantee {
  EXACTLY_ONCE_V2,
  AT_LEAST_ONCE;

  /** As written in the configuration. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
