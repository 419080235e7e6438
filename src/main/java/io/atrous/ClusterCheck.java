package io.atrous;

import io.atrous.settings.Cluster;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.TopicKeys;
import io.atrous.stream.FrameTopics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.TopicDescription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the cluster before the service joins it, so that what is missing is said at once. */
final class ClusterCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterCheck.class);

  private ClusterCheck() {}

  /**
   * Checks that a broker answers and that the topics exist.
   *
   * @throws io.atrous.settings.StartException in one sentence that names the key, if not
   */
  static void run(ServiceConfig config) {
    Map<String, String> keysByTopic = new LinkedHashMap<>();
    if (TopicKeys.frames(config) instanceof FrameTopics.Named named) {
      named.names().stream()
          .sorted()
          .forEach(name -> keysByTopic.put(name, TopicKeys.FRAMES_TOPICS));
    }
    for (String key :
        List.of(TopicKeys.MASKS_TOPIC, TopicKeys.REGIONS_TOPIC, TopicKeys.DEAD_LETTERS_TOPIC)) {
      keysByTopic.put(config.getString(key), key);
    }
    Cluster.requireTopics(config, keysByTopic);
    if (KafkaKeys.guarantee(config) == ProcessingGuarantee.EXACTLY_ONCE_V2) {
      warnOfSingleCopies(config);
    }
  }

  /**
   * A partition with one copy has no leader while its broker restarts. Brokers of Kafka 4.3.1 take
   * it for deleted then, and leave the end of a transaction out (KAFKA-20734).
   */
  private static void warnOfSingleCopies(ServiceConfig config) {
    List<String> outputs = TopicKeys.outputs(config);
    List<String> single =
        Cluster.ask(config, admin -> admin.describeTopics(outputs).allTopicNames())
            .values()
            .stream()
            .filter(
                topic ->
                    topic.partitions().stream()
                        .anyMatch(partition -> partition.replicas().size() == 1))
            .map(TopicDescription::name)
            .sorted()
            .toList();
    if (!single.isEmpty()) {
      LOG.warn(
          "Topics with one copy: {}; if their broker restarts, consumers may read outcomes twice"
              + " (docs/guarantees.md)",
          String.join(", ", single));
    }
  }
}
