package io.atrous.settings;

import io.atrous.logging.LogFormat;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The key of how log lines are written. */
public final class LogKeys {

  public static final String FORMAT = "log.format";

  private LogKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Logs")
        .choice(
            FORMAT,
            LogFormat.TEXT,
            "How log lines are written: text for people, or json, one object a line"
                + " (docs/operations.md).");
  }

  /** The form of log lines, if somebody has chosen it. */
  public static Optional<LogFormat> format(AbstractConfig config) {
    return config.originals().containsKey(FORMAT)
        ? Optional.of(Values.choice(config, LogFormat.class, FORMAT))
        : Optional.empty();
  }
}
