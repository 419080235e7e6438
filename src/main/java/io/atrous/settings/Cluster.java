package io.atrous.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** The cluster that a configuration names, asked before anything joins it. */
public final class Cluster {

  private static final int TIMEOUT_MS = 10_000;

  private Cluster() {}

  /**
   * Checks that a broker answers, that topics exist and that they may be used.
   *
   * @param rights what is to be done with each topic, in the order to say it
   * @throws StartException in one sentence that names the keys, if not
   */
  public static void requireTopics(AbstractConfig config, List<Right> rights) {
    Set<String> topics = rights.stream().map(Right::name).collect(Collectors.toSet());
    List<Right> missing = new ArrayList<>();
    List<Right> denied = new ArrayList<>();
    try (Admin admin = connect(config)) {
      Map<String, KafkaFuture<TopicDescription>> described =
          admin
              .describeTopics(topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
              .topicNameValues();
      for (Right right : rights) {
        try {
          TopicDescription topic = get(Objects.requireNonNull(described.get(right.name())));
          if (denies(topic.authorizedOperations(), right.operation())) {
            denied.add(right);
          }
        } catch (UnknownTopicOrPartitionException | InvalidTopicException e) {
          missing.add(right);
        } catch (TopicAuthorizationException e) {
          denied.add(right);
        }
      }
    } catch (ConfigException e) {
      throw e;
    } catch (KafkaException e) {
      throw failure(config, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    if (!missing.isEmpty()) {
      throw new StartException(
          missing.stream()
              .map(right -> "'%s' ('%s')".formatted(right.name(), right.key()))
              .collect(
                  Collectors.joining(
                      ", ",
                      "The cluster has no topic ",
                      "; create what is missing, or correct the key")));
    }
    if (!denied.isEmpty()) {
      throw Denial.of(denied);
    }
  }

  /**
   * Returns whether brokers say that something may not be done; some brokers don't say what may.
   */
  public static boolean denies(@Nullable Set<AclOperation> granted, AclOperation operation) {
    return granted != null && !granted.isEmpty() && !granted.contains(operation);
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
   * @throws StartException if no broker answers, or the answer is denied
   */
  public static <T> T ask(AbstractConfig config, Function<Admin, KafkaFuture<T>> question) {
    try (Admin admin = connect(config)) {
      return get(question.apply(admin));
    } catch (ConfigException e) {
      throw e;
    } catch (KafkaException e) {
      throw failure(config, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Returns a client that asks the cluster; to be closed.
   *
   * @throws ConfigException in one sentence, if no client can be made of the settings, such as a
   *     key store that its password doesn't open
   */
  public static Admin connect(AbstractConfig config) {
    Map<String, Object> settings = ClientSettings.admin(config);
    // The two limit each other: whoever sets one means both.
    if (!settings.containsKey(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG)
        && !settings.containsKey(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG)) {
      settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
      settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
    }
    try {
      return Admin.create(settings);
    } catch (KafkaException e) {
      throw new ConfigException(
          "Kafka's clients can't use the '%s' settings: %s"
              .formatted(KafkaKeys.STREAMS_PREFIX, rootMessage(e)));
    }
  }

  /**
   * Waits for an answer.
   *
   * @throws KafkaException the cluster's own, if it refuses or does not answer
   */
  public static <T> T get(KafkaFuture<T> answer) throws InterruptedException {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new KafkaException(e.getCause());
    }
  }

  /** Says why the cluster can't be used: it denies access, or does not answer. */
  public static StartException failure(AbstractConfig config, KafkaException cause) {
    return Denial.of(cause, config).orElseGet(() -> unreachable(config, cause));
  }

  /** Says that somebody wants this thread to end. */
  public static StartException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new StartException("Interrupted while looking for the cluster", cause);
  }

  private static StartException unreachable(AbstractConfig config, Throwable cause) {
    return new StartException(
        "No Kafka cluster answers at '%s' = %s (%s); correct the key, start the brokers, or set '%s'"
                .formatted(
                    KafkaKeys.BOOTSTRAP_SERVERS,
                    KafkaKeys.bootstrapServers(config),
                    rootMessage(cause),
                    KafkaKeys.STREAMS_PREFIX + CommonClientConfigs.SECURITY_PROTOCOL_CONFIG)
            + ", which is %s, as their listener has it".formatted(securityProtocol(config)),
        cause);
  }

  private static Object securityProtocol(AbstractConfig config) {
    return ClientSettings.admin(config)
        .getOrDefault(
            CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
            CommonClientConfigs.DEFAULT_SECURITY_PROTOCOL);
  }

  /** Returns the message of the first cause that is not Kafka's own. */
  static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root instanceof KafkaException) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }
}
