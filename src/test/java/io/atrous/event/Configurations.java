package io.atrous.event;

import java.util.HashMap;
import java.util.Map;

/** Configurations of serdes, written as key, value, key, value. */
final class Configurations {

  private Configurations() {}

  /** One that may be changed. */
  static Map<String, Object> of(String url, Object... more) {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put(SchemaRegistryConfig.URL, url);
    for (int i = 0; i < more.length; i += 2) {
      configuration.put((String) more[i], more[i + 1]);
    }
    return configuration;
  }
}
