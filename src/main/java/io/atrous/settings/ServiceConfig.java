package io.atrous.settings;

import io.atrous.model.TextFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * A service's whole configuration, checked. What a value means is said by the class of its key,
 * such as {@link FrameKeys}.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class ServiceConfig extends AbstractConfig {

  static final ConfigDef DEFINITION = new ConfigDef();

  /** The keys of tools that work on a service's topics. */
  private static final ConfigDef TOOL_DEFINITION = new ConfigDef();

  static {
    KafkaKeys.define(DEFINITION);
    TopicKeys.define(DEFINITION);
    FrameKeys.define(DEFINITION);
    ClaimCheckKeys.define(DEFINITION);
    NetworkKeys.define(DEFINITION);
    ResultKeys.define(DEFINITION);
    RegistryKeys.define(DEFINITION);
    WebKeys.define(DEFINITION);
    TracingKeys.define(DEFINITION);
    LogKeys.define(DEFINITION);
    KafkaKeys.define(TOOL_DEFINITION);
    TopicKeys.define(TOOL_DEFINITION);
    RegistryKeys.define(TOOL_DEFINITION);
    LogKeys.define(TOOL_DEFINITION);
  }

  /** A dead letter without its source must always fit. */
  private static final int MIN_MAX_REQUEST_BYTES = 64 << 10;

  /** Far more than all keys and their values take. */
  private static final int MAX_FILE_BYTES = 1 << 20;

  private ServiceConfig(Map<String, String> settings) {
    super(DEFINITION, settings, false);
  }

  /**
   * Checks and takes settings; {@linkplain References references} in values are resolved.
   *
   * @throws ConfigException in one sentence that names the key, if a key is unknown, reserved or
   *     missing, or a value is impossible
   */
  public static ServiceConfig of(Map<String, String> settings) {
    refuseUnknown(settings);
    return References.resolve(
        settings,
        resolved -> {
          ServiceConfig config = new ServiceConfig(resolved);
          config.check();
          return config;
        });
  }

  /**
   * Takes the part of a service's settings that tools need which work on its topics: Kafka's, the
   * topics' and the registry's. Others may be missing.
   *
   * @throws ConfigException as {@link #of} does, for that part
   */
  public static AbstractConfig forTools(Map<String, String> settings) {
    refuseUnknown(settings);
    return References.resolve(
        settings,
        resolved -> {
          AbstractConfig config = new AbstractConfig(TOOL_DEFINITION, resolved, false);
          PassThrough.check(config);
          return config;
        });
  }

  private static void refuseUnknown(Map<String, String> settings) {
    for (String key : settings.keySet()) {
      if (!key.startsWith(KafkaKeys.STREAMS_PREFIX)
          && !References.isKey(key)
          && !DEFINITION.names().contains(key)) {
        throw new ConfigException(
            "Unknown key '%s'; did you mean '%s'?"
                .formatted(key, NearestKey.to(key, DEFINITION.names())));
      }
    }
  }

  private void check() {
    PassThrough.check(this);
    TopicKeys.check(this);
    ResultKeys.check(this);
    FrameKeys.weights(this);
    WebKeys.check(this);
    KafkaClients clients = KafkaClients.of(this);
    if (clients.maxRequestBytes() < MIN_MAX_REQUEST_BYTES) {
      throw new ConfigException(
          KafkaKeys.STREAMS_PREFIX + "producer." + ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
          clients.maxRequestBytes(),
          "must be at least " + MIN_MAX_REQUEST_BYTES + " bytes");
    }
    Deadlines.check(this, clients);
  }

  /**
   * Merges the places settings come from, later ones first: command line, environment, file.
   *
   * @param file a {@linkplain TextFile text file} of {@code key=value} lines, or null
   * @param environment the process's environment; {@code ATROUS_BOOTSTRAP_SERVERS} sets {@code
   *     bootstrap.servers}
   * @param commandLine settings given by hand
   */
  public static Map<String, String> merge(
      @Nullable Path file, Map<String, String> environment, Map<String, String> commandLine) {
    Map<String, String> merged = new HashMap<>();
    if (file != null) {
      Properties properties = read(file);
      for (String key : properties.stringPropertyNames()) {
        merged.put(key, properties.getProperty(key).strip());
      }
    }
    merged.putAll(EnvironmentVariables.settings(environment));
    merged.putAll(commandLine);
    return merged;
  }

  private static Properties read(Path file) {
    Properties properties = new ConfigurationFile(file);
    try {
      properties.load(new StringReader(TextFile.read(file, MAX_FILE_BYTES)));
      return properties;
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "Cannot read the configuration file %s: %s".formatted(file, e.getMessage()));
    }
  }

  /** A file's settings; a camera that is in it twice is refused, since one of the two would go. */
  private static final class ConfigurationFile extends Properties {

    private static final long serialVersionUID = 1L;

    private final transient Path file;

    ConfigurationFile(Path file) {
      this.file = file;
    }

    @Override
    public synchronized @Nullable Object put(Object key, Object value) {
      if (CameraKeys.isKey(key.toString()) && containsKey(key)) {
        throw new ConfigException(
            "The configuration file %s has '%s' twice; keep one of them".formatted(file, key));
      }
      return super.put(key, value);
    }
  }
}
