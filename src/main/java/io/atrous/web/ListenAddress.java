package io.atrous.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address at which a server listens, as {@code host:port}.
 *
 * @param host a name or an address; {@code *} for all addresses of this machine
 * @param port 0 for any that is free
 */
public record ListenAddress(String host, int port) {

  /** The host of all addresses. */
  public static final String ANY_HOST = "*";

  private static final Pattern SYNTAX =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^\\s:\\[\\]]+):(\\d{1,5})");
  private static final int LAST_PORT = 65_535;

  /**
   * Parses {@code host:port}; an IPv6 address stands in brackets.
   *
   * @throws IllegalArgumentException if it is no such text
   */
  public static ListenAddress parse(String text) {
    Matcher parts = SYNTAX.matcher(text);
    if (!parts.matches() || Integer.parseInt(parts.group(2)) > LAST_PORT) {
      throw new IllegalArgumentException(
          "'" + text + "' is not host:port, such as 127.0.0.1:9404 or *:9404");
    }
    String host = parts.group(1);
    return new ListenAddress(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        Integer.parseInt(parts.group(2)));
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
