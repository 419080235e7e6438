package io.atrous.embedded;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A Kafka cluster for tests, wherever it runs; each test keeps to topics and groups of its own.
 *
 * @param bootstrapServers the value for clients' {@code bootstrap.servers}
 * @param description what it is, for people
 */
public record KafkaCluster(String bootstrapServers, String description) {

  /** The settings of a client. */
  public Map<String, Object> client() {
    return Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
  }

  /** Creates topics of one partition. */
  public void createTopics(Collection<String> names) throws Exception {
    List<NewTopic> topics = names.stream().map(name -> new NewTopic(name, 1, (short) 1)).toList();
    try (Admin admin = Admin.create(client())) {
      admin.createTopics(topics).all().get();
    }
  }
}
