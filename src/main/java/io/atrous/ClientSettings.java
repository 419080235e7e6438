package io.atrous;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Settings for Kafka clients beside Streams' own: what the user has set for Streams' clients of the
 * same kind, security above all.
 */
final class ClientSettings {

  private ClientSettings() {}

  static Map<String, Object> admin(ServiceConfig config) {
    return of(config, AdminClientConfig.configNames(), List.of("admin."));
  }

  static Map<String, Object> consumer(ServiceConfig config) {
    return of(config, ConsumerConfig.configNames(), List.of("main.consumer.", "consumer."));
  }

  static Map<String, Object> producer(ServiceConfig config) {
    return of(config, ProducerConfig.configNames(), List.of("producer."));
  }

  /** The first prefix goes before the others, and those before none. */
  private static Map<String, Object> of(
      ServiceConfig config, Set<String> names, List<String> prefixes) {
    Map<String, String> given = config.streamsSettings();
    Map<String, Object> settings = new HashMap<>();
    for (String name : names) {
      String value = given.get(name);
      for (int i = prefixes.size() - 1; i >= 0; i--) {
        value = given.getOrDefault(prefixes.get(i) + name, value);
      }
      if (value != null) {
        settings.put(name, value);
      }
    }
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    return settings;
  }
}
