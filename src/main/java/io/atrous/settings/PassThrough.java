package io.atrous.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the settings that pass through to Kafka, each by the definition of the client that reads
 * it, so that an impossible value is refused under the name that the user wrote.
 */
final class PassThrough {

  private static final Logger LOG = LoggerFactory.getLogger(PassThrough.class);

  private static final ConfigDef STREAMS = StreamsConfig.configDef();

  /** Streams' prefixes that say which client a setting is for. */
  static final Map<String, ConfigDef> CLIENTS = new LinkedHashMap<>();

  static {
    CLIENTS.put("main.consumer.", ConsumerConfig.configDef());
    CLIENTS.put("restore.consumer.", ConsumerConfig.configDef());
    CLIENTS.put("global.consumer.", ConsumerConfig.configDef());
    CLIENTS.put("consumer.", ConsumerConfig.configDef());
    CLIENTS.put("producer.", ProducerConfig.configDef());
    CLIENTS.put("admin.", AdminClientConfig.configDef());
  }

  /** Prefixes of names that the user chooses. */
  private static final List<String> FREE_PREFIXES =
      List.of(StreamsConfig.CLIENT_TAG_PREFIX, StreamsConfig.TOPIC_PREFIX);

  /** Lists whose entries are classes, which a definition doesn't say. */
  private static final Set<String> CLASS_LISTS = Set.of("interceptor.classes", "metric.reporters");

  private PassThrough() {}

  /**
   * Checks all of them, and warns of keys that Kafka doesn't know.
   *
   * @throws ConfigException in one sentence, if one is reserved or has an impossible value
   */
  static void check(AbstractConfig config) {
    KafkaKeys.passedThrough(config).forEach(PassThrough::check);
  }

  private static void check(String key, Object value) {
    String written = KafkaKeys.STREAMS_PREFIX + key;
    String bare = withoutClient(key);
    ReservedKeys.check(written, bare);
    List<ConfigDef> readers = readers(key);
    boolean unknown = true;
    for (ConfigDef reader : readers) {
      ConfigDef.@Nullable ConfigKey definition = reader.configKeys().get(bare);
      if (definition != null) {
        ensureValid(written, definition, value);
        unknown = false;
      }
    }
    if (unknown && FREE_PREFIXES.stream().noneMatch(key::startsWith)) {
      Set<String> known = new TreeSet<>();
      readers.forEach(reader -> known.addAll(reader.names()));
      LOG.warn(
          "Kafka does not know '{}'; did you mean '{}'?",
          written,
          written.substring(0, written.length() - bare.length()) + NearestKey.to(bare, known));
    }
  }

  /** The definitions that a key may stand in: its client's, or Streams' before all clients'. */
  private static List<ConfigDef> readers(String key) {
    String bare = withoutClient(key);
    if (!bare.equals(key)) {
      return List.of(CLIENTS.get(key.substring(0, key.length() - bare.length())));
    }
    if (STREAMS.names().contains(key)) {
      return List.of(STREAMS);
    }
    List<ConfigDef> readers = new ArrayList<>(CLIENTS.values());
    readers.add(STREAMS);
    return readers;
  }

  private static void ensureValid(String written, ConfigDef.ConfigKey key, Object value) {
    Object parsed = ConfigDef.parseType(written, value, key.type);
    if (key.validator != null) {
      try {
        key.validator.ensureValid(written, parsed);
      } catch (ConfigException e) {
        // Not all of Kafka's validators say which key they refuse.
        String message = String.valueOf(e.getMessage());
        throw message.contains(written) ? e : new ConfigException("'" + written + "': " + message);
      }
    }
    if (CLASS_LISTS.contains(key.name) && parsed instanceof List<?> names) {
      for (Object name : names) {
        try {
          Utils.loadClass(String.valueOf(name), Object.class);
        } catch (ClassNotFoundException e) {
          throw new ConfigException(written, value, "Class " + name + " could not be found.");
        }
      }
    }
  }

  /** The key without the prefix of a client. */
  static String withoutClient(String key) {
    return CLIENTS.keySet().stream()
        .filter(key::startsWith)
        .findFirst()
        .map(prefix -> key.substring(prefix.length()))
        .orElse(key);
  }
}
