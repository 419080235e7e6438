package io.atrous.settings;

import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The key that turns traces on; what else there is to set is OpenTelemetry's own. */
public final class TracingKeys {

  public static final String ENABLED = "tracing.enabled";

  private TracingKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Traces")
        .flag(
            ENABLED,
            "Whether frames are traced by OpenTelemetry (docs/tracing.md). Where spans go, and how"
                + " many are kept, is set by OpenTelemetry's own variables, such as"
                + " OTEL_EXPORTER_OTLP_ENDPOINT.");
  }

  /** Returns whether frames are traced. */
  public static boolean isEnabled(AbstractConfig config) {
    return config.getBoolean(ENABLED);
  }
}
