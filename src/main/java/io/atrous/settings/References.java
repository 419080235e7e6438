package io.atrous.settings;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.utils.Utils;

/**
 * Replaces references in settings, such as <code>${file:/run/secrets/kafka.properties:password}
 * </code>, by what Kafka's {@link ConfigProvider}s find there. Kafka's own {@link AbstractConfig}
 * leaves a reference as it is if nothing is found; here it is refused. What was found is never part
 * of a message.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the providers until {@link #close}.
 */
final class References implements AutoCloseable {

  /** The key that lists the user's providers, and begins the keys of all. */
  static final String PROVIDERS = AbstractConfig.CONFIG_PROVIDERS_CONFIG;

  private static final String PREFIX = PROVIDERS + ".";
  private static final String CLASS = ".class";
  private static final String PARAMETER = ".param.";

  /** The classes of the providers that need not be listed, by name. */
  private static final Map<String, String> BUILT_IN =
      Map.of(
          "dir", DirectoryConfigProvider.class.getName(),
          "env", EnvVarConfigProvider.class.getName(),
          "file", FileConfigProvider.class.getName());

  private static final Pattern REFERENCE = ConfigTransformer.DEFAULT_PATTERN;

  private final Map<String, ConfigProvider> providers = new TreeMap<>();

  /** References by what was found, the longest first, so that no part of it is left. */
  private final Map<String, String> references =
      new TreeMap<>(
          Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));

  private References(Map<String, String> settings) {
    Set<String> names = new TreeSet<>(BUILT_IN.keySet());
    names.addAll(listed(settings));
    refuseUnknown(settings, names);
    for (String name : names) {
      providers.put(name, provider(name, settings));
    }
  }

  /** Returns whether a key says how references are resolved. */
  static boolean isKey(String key) {
    return key.equals(PROVIDERS) || key.startsWith(PREFIX);
  }

  /**
   * Makes something of settings whose references are resolved.
   *
   * @throws ConfigException in one sentence that names the key and the reference, if there is
   *     nothing where it leads; or that of the maker, without what was found
   */
  static <T> T resolve(Map<String, String> settings, Function<Map<String, String>, T> maker) {
    try (References references = new References(settings)) {
      Map<String, String> resolved = new HashMap<>();
      settings.forEach(
          (key, value) -> {
            if (!isKey(key)) {
              resolved.put(key, references.resolve(key, value));
            }
          });
      try {
        return maker.apply(resolved);
      } catch (ConfigException e) {
        throw references.hide(e);
      }
    }
  }

  private static List<String> listed(Map<String, String> settings) {
    String list = settings.getOrDefault(PROVIDERS, "").strip();
    return list.isEmpty() ? List.of() : List.of(list.split("\\s*,\\s*", -1));
  }

  private static void refuseUnknown(Map<String, String> settings, Set<String> names) {
    for (String key : settings.keySet()) {
      if (key.startsWith(PREFIX)
          && names.stream()
              .noneMatch(
                  name ->
                      key.equals(PREFIX + name + CLASS)
                          || key.startsWith(PREFIX + name + PARAMETER))) {
        throw new ConfigException(
            "Unknown key '%s': '%s' has %s, and each has the keys '%sNAME%s' and '%sNAME%s…'"
                .formatted(
                    key, PROVIDERS, String.join(", ", names), PREFIX, CLASS, PREFIX, PARAMETER));
      }
    }
  }

  private static ConfigProvider provider(String name, Map<String, String> settings) {
    String key = PREFIX + name + CLASS;
    String className = settings.getOrDefault(key, BUILT_IN.getOrDefault(name, ""));
    if (className.isEmpty()) {
      throw new ConfigException("'%s' has '%s': set '%s'".formatted(PROVIDERS, name, key));
    }
    ConfigProvider provider;
    try {
      provider = Utils.newInstance(className, ConfigProvider.class);
    } catch (ClassNotFoundException e) {
      throw new ConfigException(key, className, "there is no such class");
    } catch (ClassCastException e) {
      throw new ConfigException(key, className, "it is no " + ConfigProvider.class.getName());
    } catch (RuntimeException | LinkageError e) {
      throw new ConfigException(key, className, "it can't be made: " + e);
    }
    Map<String, String> parameters = parameters(name, settings);
    try {
      provider.configure(parameters);
    } catch (RuntimeException e) {
      throw new ConfigException("'" + PREFIX + name + PARAMETER + "…': " + e.getMessage());
    }
    return provider;
  }

  private static Map<String, String> parameters(String name, Map<String, String> settings) {
    String prefix = PREFIX + name + PARAMETER;
    Map<String, String> parameters = new HashMap<>();
    settings.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            parameters.put(key.substring(prefix.length()), value);
          }
        });
    return parameters;
  }

  private String resolve(String key, String value) {
    return REFERENCE
        .matcher(value)
        .replaceAll(match -> Matcher.quoteReplacement(found(key, match)));
  }

  private String found(String key, MatchResult match) {
    String reference = match.group();
    String name = match.group(1);
    ConfigProvider provider = providers.get(name);
    if (provider == null) {
      throw new ConfigException(
          "'%s': '%s' can't be resolved: '%s' has %s"
              .formatted(key, reference, PROVIDERS, String.join(", ", providers.keySet())));
    }
    String path = Objects.requireNonNullElse(match.group(3), "");
    String variable = match.group(4);
    String found;
    try {
      found = provider.get(path, Set.of(variable)).data().get(variable);
    } catch (RuntimeException e) {
      throw new ConfigException(
          "'%s': '%s' can't be resolved: %s".formatted(key, reference, e.getMessage()));
    }
    if (found == null) {
      throw new ConfigException(
          "'%s': '%s' can't be resolved: there is no such value, or '%s%s%s…' doesn't permit it"
              .formatted(key, reference, PREFIX, name, PARAMETER));
    }
    // A file ends with its last line's end, which is no part of a password.
    String text = found.replaceFirst("\\R$", "");
    if (!text.isBlank()) {
      references.put(text, reference);
    }
    return text;
  }

  private ConfigException hide(ConfigException failure) {
    String message = String.valueOf(failure.getMessage());
    for (Map.Entry<String, String> reference : references.entrySet()) {
      message = message.replace(reference.getKey(), reference.getValue());
    }
    return message.equals(failure.getMessage()) ? failure : new ConfigException(message);
  }

  @Override
  public void close() {
    providers.values().forEach(provider -> Utils.closeQuietly(provider, "config provider"));
  }
}
