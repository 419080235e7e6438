package io.atrous;

import io.atrous.stream.FrameTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the cluster before the service joins it, so that what is missing is said at once. */
final class ClusterCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterCheck.class);
  private static final int TIMEOUT_MS = 10_000;

  private ClusterCheck() {}

  /**
   * Checks that a broker answers and that the topics exist.
   *
   * @throws StartException in one sentence that names the key, if not
   */
  static void run(ServiceConfig config, FrameTopics frames) {
    Set<String> existing = topics(config);
    List<String> missing = new ArrayList<>();
    if (frames instanceof FrameTopics.Named named) {
      named.names().stream()
          .sorted()
          .forEach(name -> addMissing(missing, existing, name, ServiceConfig.FRAMES_TOPICS));
    }
    addMissing(missing, existing, config.masksTopic(), ServiceConfig.MASKS_TOPIC);
    addMissing(missing, existing, config.regionsTopic(), ServiceConfig.REGIONS_TOPIC);
    addMissing(missing, existing, config.deadLettersTopic(), ServiceConfig.DEAD_LETTERS_TOPIC);
    refuse(missing);
    if (config.guarantee() == ServiceConfig.ProcessingGuarantee.EXACTLY_ONCE_V2) {
      warnOfSingleCopies(config);
    }
  }

  /**
   * A partition with one copy has no leader while its broker restarts. Brokers of Kafka 4.3.1 take
   * it for deleted then, and leave the end of a transaction out (KAFKA-20734).
   */
  private static void warnOfSingleCopies(ServiceConfig config) {
    List<String> outputs =
        List.of(config.masksTopic(), config.regionsTopic(), config.deadLettersTopic());
    List<String> single =
        ask(config, admin -> admin.describeTopics(outputs).allTopicNames()).values().stream()
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

  /**
   * Checks that a broker answers and that the topic of dead letters exists.
   *
   * @throws StartException in one sentence that names the key, if not
   */
  static void deadLetters(ServiceConfig config) {
    List<String> missing = new ArrayList<>();
    addMissing(
        missing, topics(config), config.deadLettersTopic(), ServiceConfig.DEAD_LETTERS_TOPIC);
    refuse(missing);
  }

  private static void refuse(List<String> missing) {
    if (!missing.isEmpty()) {
      throw new StartException(
          "The cluster has no topic "
              + String.join(", ", missing)
              + "; create what is missing, or correct the key");
    }
  }

  private static void addMissing(
      List<String> missing, Set<String> existing, String topic, String key) {
    if (!existing.contains(topic)) {
      missing.add("'" + topic + "' ('" + key + "')");
    }
  }

  /**
   * The cluster's topics.
   *
   * @throws StartException if no broker answers
   */
  static Set<String> topics(ServiceConfig config) {
    Set<String> names = ask(config, admin -> admin.listTopics().names());
    return new TreeSet<>(names);
  }

  /**
   * Asks the cluster.
   *
   * @throws StartException if no broker answers
   */
  private static <T> T ask(ServiceConfig config, Function<Admin, KafkaFuture<T>> question) {
    Map<String, Object> settings = ClientSettings.admin(config);
    // The two limit each other: whoever sets one means both.
    if (!settings.containsKey(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG)
        && !settings.containsKey(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG)) {
      settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
      settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    }
    try (Admin admin = Admin.create(settings)) {
      return question.apply(admin).get();
    } catch (ExecutionException e) {
      throw unreachable(config, e.getCause() == null ? e : e.getCause());
    } catch (ConfigException e) {
      throw e;
    } catch (KafkaException e) {
      throw unreachable(config, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("Interrupted while looking for the cluster", e);
    }
  }

  private static StartException unreachable(ServiceConfig config, Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && root instanceof KafkaException) {
      root = root.getCause();
    }
    return new StartException(
        "No Kafka cluster answers at '"
            + ServiceConfig.BOOTSTRAP_SERVERS
            + "' = "
            + config.bootstrapServers()
            + " ("
            + root.getMessage()
            + "); correct the key or start the brokers",
        cause);
  }
}
