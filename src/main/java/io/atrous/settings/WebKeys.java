package io.atrous.settings;

import io.atrous.web.ListenAddress;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The keys of the HTTP server that shows metrics and health. */
public final class WebKeys {

  public static final String LISTEN = "web.listen";

  /** The value with which nothing is served. */
  public static final String NONE = "none";

  private static final String DEFAULT = "127.0.0.1:9404";

  private WebKeys() {}

  static void define(ConfigDef definition) {
    new KeyGroup(definition, "Metrics and health")
        .optional(
            LISTEN,
            ConfigDef.Type.STRING,
            DEFAULT,
            ConfigDef.LambdaValidator.with(WebKeys::ensureAddress, () -> "host:port or none"),
            "Where /metrics and /health are served: host:port, *:port for all addresses of the"
                + " machine, or none. If nothing is set and the port is taken, the service warns"
                + " and goes on without.");
  }

  /** The address to listen at; empty if nothing is served. */
  public static Optional<ListenAddress> listen(AbstractConfig config) {
    String address = config.getString(LISTEN);
    return address.equals(NONE) ? Optional.empty() : Optional.of(ListenAddress.parse(address));
  }

  /** Returns whether somebody has chosen the address. */
  public static boolean isChosen(AbstractConfig config) {
    return config.originals().containsKey(LISTEN);
  }

  private static void ensureAddress(String key, Object value) {
    if (!value.equals(NONE)) {
      var unused = Values.checked(key, () -> ListenAddress.parse((String) value));
    }
  }
}
