package io.atrous;

import io.atrous.stream.FrameTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;

/** Looks at the cluster before the service joins it, so that what is missing is said at once. */
final class ClusterCheck {

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
    Map<String, Object> settings = ClientSettings.admin(config);
    // The two limit each other: whoever sets one means both.
    if (!settings.containsKey(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG)
        && !settings.containsKey(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG)) {
      settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
      settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    }
    try (Admin admin = Admin.create(settings)) {
      return new TreeSet<>(admin.listTopics().names().get());
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
