package io.atrous.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.jspecify.annotations.Nullable;

/**
 * Adds keys to a definition under one heading of docs/configuration.md.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
record KeyGroup(ConfigDef definition, String heading) {

  /** A key without a default. */
  KeyGroup required(String key, ConfigDef.Type type, String documentation) {
    return add(key, type, ConfigDef.NO_DEFAULT_VALUE, null, Importance.HIGH, documentation);
  }

  KeyGroup integer(String key, int defaultValue, int min, int max, String documentation) {
    return optional(key, ConfigDef.Type.INT, defaultValue, Range.between(min, max), documentation);
  }

  KeyGroup decimal(String key, double defaultValue, double min, double max, String documentation) {
    return optional(
        key, ConfigDef.Type.DOUBLE, defaultValue, Range.between(min, max), documentation);
  }

  KeyGroup flag(String key, String documentation) {
    return optional(key, ConfigDef.Type.BOOLEAN, false, null, documentation);
  }

  KeyGroup text(String key, @Nullable String defaultValue, String documentation) {
    return optional(key, ConfigDef.Type.STRING, defaultValue, null, documentation);
  }

  /** A key whose values are separated by commas; none by default. */
  KeyGroup list(String key, String documentation) {
    return optional(key, ConfigDef.Type.LIST, List.of(), null, documentation);
  }

  /** A key whose value is the name of one of an enum's constants, in lower case. */
  <E extends Enum<E>> KeyGroup choice(String key, E defaultValue, String documentation) {
    String[] words =
        Arrays.stream(defaultValue.getDeclaringClass().getEnumConstants())
            .map(KeyGroup::word)
            .toArray(String[]::new);
    return optional(
        key, ConfigDef.Type.STRING, word(defaultValue), ValidString.in(words), documentation);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  KeyGroup optional(
      String key,
      ConfigDef.Type type,
      @Nullable Object defaultValue,
      ConfigDef.@Nullable Validator validator,
      String documentation) {
    return add(key, type, defaultValue, validator, Importance.MEDIUM, documentation);
  }

  /** Adds the keys of another definition. */
  void addAll(ConfigDef other) {
    for (ConfigDef.ConfigKey key : other.configKeys().values()) {
      add(key.name, key.type, key.defaultValue, key.validator, key.importance, key.documentation);
    }
  }

  @SuppressWarnings("NullAway") // Kafka's ConfigDef takes null for "no default", "no validator".
  private KeyGroup add(
      String key,
      ConfigDef.Type type,
      @Nullable Object defaultValue,
      ConfigDef.@Nullable Validator validator,
      Importance importance,
      String documentation) {
    definition.define(
        key,
        type,
        defaultValue,
        validator,
        importance,
        documentation,
        heading,
        definition.names().size(),
        ConfigDef.Width.NONE,
        key);
    return this;
  }
}
