package io.atrous.settings;

import io.atrous.web.Health;
import io.atrous.web.ListenAddress;
import io.atrous.web.Metrics;
import io.atrous.web.Site;
import io.atrous.web.WebServer;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of the HTTP server that shows metrics, health and the live page. */
public final class WebKeys {

  public static final String LISTEN = "web.listen";
  public static final String LIVE = "web.live";
  public static final String LIVE_HOSTS = "web.live.hosts";

  /** The value with which nothing is served. */
  public static final String NONE = "none";

  private static final Logger LOG = LoggerFactory.getLogger(WebKeys.class);
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
                + " and goes on without.")
        .flag(
            LIVE,
            "Whether the live page is served at / of web.listen: each camera's last frame with its"
                + " mask, and figures. Whoever reaches that address sees the pictures; there is no"
                + " login.")
        .list(
            LIVE_HOSTS,
            "Host names under which browsers may open the live page, separated by commas, beside"
                + " localhost, addresses in digits and the host of web.listen. Other names are"
                + " refused, so that no foreign page reads the pictures by DNS rebinding.");
  }

  /** The address to listen at; empty if nothing is served. */
  static Optional<ListenAddress> listen(AbstractConfig config) {
    String address = config.getString(LISTEN);
    return address.equals(NONE) ? Optional.empty() : Optional.of(ListenAddress.parse(address));
  }

  /** Returns whether the live page is served. */
  public static boolean isLive(AbstractConfig config) {
    return config.getBoolean(LIVE);
  }

  /** Refuses a live page that there is no address for. */
  static void check(AbstractConfig config) {
    if (isLive(config) && listen(config).isEmpty()) {
      throw new ConfigException(
          "'%s' = true needs an address, and '%s' is %s".formatted(LIVE, LISTEN, NONE));
    }
  }

  /** Returns the names, in lower case, under which browsers may open the live page. */
  public static Set<String> liveHosts(AbstractConfig config) {
    return Stream.concat(
            listen(config).map(ListenAddress::host).stream(), config.getList(LIVE_HOSTS).stream())
        .filter(name -> !name.equals(ListenAddress.ANY_HOST))
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Begins to serve metrics and health, if that is configured.
   *
   * @param site what is served beside them
   * @throws StartException if somebody has chosen an address that is not free
   */
  public static Optional<WebServer> serve(
      AbstractConfig config, Metrics metrics, Health health, Optional<Site> site) {
    return listen(config).flatMap(address -> serve(address, config, metrics, health, site));
  }

  private static Optional<WebServer> serve(
      ListenAddress address,
      AbstractConfig config,
      Metrics metrics,
      Health health,
      Optional<Site> site) {
    try {
      WebServer web = WebServer.start(address, metrics, health, site);
      LOG.info(
          "Metrics and health are at http://{}/metrics and /health/ready{}",
          new ListenAddress(address.host(), web.port()),
          site.isPresent() ? ", the live page at /" : "");
      return Optional.of(web);
    } catch (IOException e) {
      String sentence =
          "Metrics and health can't be served at '%s' = %s (%s)"
              .formatted(LISTEN, address, e.getMessage());
      if (isChosen(config)) {
        throw new StartException(sentence + "; choose another address, or none", e);
      }
      LOG.warn("{}; going on without", sentence);
      return Optional.empty();
    }
  }

  /** Returns whether somebody has chosen the address. */
  private static boolean isChosen(AbstractConfig config) {
    return config.originals().containsKey(LISTEN);
  }

  private static void ensureAddress(String key, Object value) {
    if (!value.equals(NONE)) {
      var unused = Values.checked(key, () -> ListenAddress.parse((String) value));
    }
  }
}
