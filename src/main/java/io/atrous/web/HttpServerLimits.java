package io.atrous.web;

import java.util.Map;

/**
 * What the JDK's HTTP server grants to clients, as system properties, which it reads once, when its
 * first server is made; those that are set already stay.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class HttpServerLimits {

  private static final Map<String, String> PROPERTIES =
      Map.of(
          // Without it each answer waits 50 ms for Nagle's algorithm.
          "sun.net.httpserver.nodelay", "true",
          // Seconds for a whole request, a whole response, and between two requests.
          "sun.net.httpserver.maxReqTime", "10",
          "sun.net.httpserver.maxRspTime", "30",
          "sun.net.httpserver.idleInterval", "30",
          "sun.net.httpserver.maxReqHeaders", "100",
          "sun.net.httpserver.maxReqHeaderSize", "65536",
          "jdk.httpserver.maxConnections", "1024");

  private HttpServerLimits() {}

  /** Sets them; to be called before a server is made. */
  public static void apply() {
    PROPERTIES.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }
}
