package io.atrous.settings;

import io.atrous.process.CacheDirectory;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds settings among a process's environment variables. */
final class EnvironmentVariables {

  static final String PREFIX = "ATROUS_";

  /** Read by {@code bin/atrous}, or by every command: no settings of the service. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of("ATROUS_JAVA_OPTS", "ATROUS_MAVEN_ARGS", CacheDirectory.VARIABLE);

  /**
   * Variables that Kubernetes sets in every pod for a Service whose name begins with {@code
   * atrous}.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "ATROUS_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?"
              + "|PORT_[0-9]+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)");

  /** The one service link whose name may be a key's, and the value that tells them apart. */
  private static final Pattern SERVICE_URL = Pattern.compile("(tcp|udp|sctp)://.*");

  private EnvironmentVariables() {}

  /** The settings by their keys: {@code ATROUS_BOOTSTRAP_SERVERS} sets bootstrap.servers. */
  static Map<String, String> settings(Map<String, String> variables) {
    Map<String, String> settings = new HashMap<>();
    variables.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX)
              && !OTHER_VARIABLES.contains(name)
              && !isServiceLink(name, value)) {
            String key = name.substring(PREFIX.length());
            settings.put(key.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    return settings;
  }

  private static boolean isServiceLink(String name, String value) {
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && SERVICE_URL.matcher(value).matches());
  }
}
