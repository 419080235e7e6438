package io.atrous.settings;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;

/** The cluster that a configuration names, asked before anything joins it. */
public final class Cluster {

  private static final int TIMEOUT_MS = 10_000;

  private Cluster() {}

  /**
   * Checks that a broker answers and that topics exist.
   *
   * @param keysByTopic the key that names each topic, in the order to say them
   * @throws StartException in one sentence that names the keys, if not
   */
  public static void requireTopics(AbstractConfig config, Map<String, String> keysByTopic) {
    Set<String> existing = topics(config);
    String missing =
        keysByTopic.entrySet().stream()
            .filter(topic -> !existing.contains(topic.getKey()))
            .map(topic -> "'%s' ('%s')".formatted(topic.getKey(), topic.getValue()))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw new StartException(
          "The cluster has no topic " + missing + "; create what is missing, or correct the key");
    }
  }

  /**
   * The cluster's topics.
   *
   * @throws StartException if no broker answers
   */
  public static Set<String> topics(AbstractConfig config) {
    return ask(config, admin -> admin.listTopics().names());
  }

  /**
   * Asks the cluster.
   *
   * @throws StartException if no broker answers
   */
  public static <T> T ask(AbstractConfig config, Function<Admin, KafkaFuture<T>> question) {
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

  private static StartException unreachable(AbstractConfig config, Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && root instanceof KafkaException) {
      root = root.getCause();
    }
    return new StartException(
        "No Kafka cluster answers at '%s' = %s (%s); correct the key or start the brokers"
            .formatted(
                KafkaKeys.BOOTSTRAP_SERVERS, KafkaKeys.bootstrapServers(config), root.getMessage()),
        cause);
  }
}
