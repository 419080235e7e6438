package io.atrous.settings;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;

/** Reads values of kinds that Kafka's configurations don't know. */
public final class Values {

  private Values() {}

  /**
   * Makes something of a value, and names the key if the value is refused.
   *
   * @throws ConfigException in place of an {@link IllegalArgumentException}
   */
  public static <T> T checked(String key, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new ConfigException("'" + key + "': " + e.getMessage());
    }
  }

  /** One of a key's words, which are constants' names in lower case. */
  static <E extends Enum<E>> E choice(AbstractConfig config, Class<E> type, String key) {
    return Enum.valueOf(type, config.getString(key).toUpperCase(Locale.ROOT));
  }

  /** The time of a key in milliseconds. */
  static Duration millis(AbstractConfig config, String key) {
    return Duration.ofMillis(config.getInt(key));
  }

  /** The value of a key of which 0 stands for the number of cores. */
  static int coresUnlessSet(AbstractConfig config, String key) {
    int value = config.getInt(key);
    return value == 0 ? Runtime.getRuntime().availableProcessors() : value;
  }
}
