package io.atrous.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;

/**
 * Settings for Kafka clients beside Streams' own: what the user has set for Streams' clients of the
 * same kind, security above all.
 */
public final class ClientSettings {

  private ClientSettings() {}

  public static Map<String, Object> admin(AbstractConfig config) {
    return of(config, AdminClientConfig.configNames(), List.of("admin."));
  }

  public static Map<String, Object> consumer(AbstractConfig config) {
    Map<String, Object> settings =
        of(config, ConsumerConfig.configNames(), List.of("consumer.", "main.consumer."));
    // Streams' own protocol is none that a consumer knows.
    settings.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
    return settings;
  }

  public static Map<String, Object> producer(AbstractConfig config) {
    return of(config, ProducerConfig.configNames(), List.of("producer."));
  }

  /** A later prefix goes before an earlier one, and any before none. */
  private static Map<String, Object> of(
      AbstractConfig config, Set<String> names, List<String> prefixes) {
    Map<String, Object> settings = KafkaKeys.passedThrough(config);
    for (String prefix : prefixes) {
      settings.putAll(config.originalsWithPrefix(KafkaKeys.STREAMS_PREFIX + prefix));
    }
    settings.keySet().retainAll(names);
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, KafkaKeys.bootstrapServers(config));
    return settings;
  }
}
