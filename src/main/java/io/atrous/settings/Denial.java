package io.atrous.settings;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.resource.ResourceType;

/** Says why the cluster refuses a client, and which right it denies, from what clients throw. */
public final class Denial {

  private Denial() {}

  /** One sentence that names the rights. */
  public static StartException of(Collection<Right> missing) {
    return new StartException(sentence(missing));
  }

  /**
   * One sentence that names the right, or the settings by which a client signs in; empty if a
   * failure has another cause.
   */
  public static Optional<StartException> of(Throwable failure, AbstractConfig config) {
    return first(failure, AuthorizationException.class)
        .map(denied -> sentence(denied, config))
        .or(() -> first(failure, AuthenticationException.class).map(e -> sentence(e, config)))
        .or(
            () ->
                causes(failure)
                    .filter(Denial::isOfCommittedOffsets)
                    .findFirst()
                    .map(denied -> sentence(reads(config))))
        .map(sentence -> new StartException(sentence, failure));
  }

  private static <T> Optional<T> first(Throwable failure, Class<T> type) {
    return causes(failure).filter(type::isInstance).map(type::cast).findFirst();
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
  }

  private static String sentence(AuthenticationException refused, AbstractConfig config) {
    String brokers =
        "'%s' = %s".formatted(KafkaKeys.BOOTSTRAP_SERVERS, KafkaKeys.bootstrapServers(config));
    String sentence =
        refused instanceof SslAuthenticationException
            ? "TLS with the brokers at %s fails (%s); check whom '%sssl.*' trusts, and the client's"
                + " certificate if they ask for one"
            : "The brokers at %s don't let this client sign in (%s); check '%ssasl.*'";
    return sentence.formatted(brokers, Cluster.rootMessage(refused), KafkaKeys.STREAMS_PREFIX);
  }

  /** A producer that commits offsets says in words alone that a topic may not be read. */
  private static boolean isOfCommittedOffsets(Throwable cause) {
    return cause instanceof KafkaException
        && String.valueOf(cause.getMessage()).endsWith(Errors.TOPIC_AUTHORIZATION_FAILED.message());
  }

  private static List<Right> reads(AbstractConfig config) {
    List<Right> named =
        TopicKeys.rights(config).stream()
            .filter(right -> right.operation() == AclOperation.READ)
            .toList();
    return named.isEmpty()
        ? List.of(
            Right.toTopic(
                AclOperation.READ,
                config.getString(TopicKeys.FRAMES_TOPICS_PATTERN),
                TopicKeys.FRAMES_TOPICS_PATTERN))
        : named;
  }

  private static String sentence(AuthorizationException denied, AbstractConfig config) {
    List<Right> missing = missing(denied, config);
    return missing.isEmpty()
        ? "The cluster denies access: " + denied.getMessage()
        : sentence(missing);
  }

  private static String sentence(Collection<Right> missing) {
    return missing.stream()
        .map(Right::toString)
        .collect(
            Collectors.joining(
                ", ",
                "The cluster's access control denies ",
                "; grant it to the principal that the clients sign in as"));
  }

  private static List<Right> missing(AuthorizationException denied, AbstractConfig config) {
    String applicationId = config.getString(KafkaKeys.APPLICATION_ID);
    if (denied instanceof TopicAuthorizationException topics) {
      return topics.unauthorizedTopics().stream()
          .sorted()
          .map(topic -> use(topic, config))
          .toList();
    }
    if (denied instanceof GroupAuthorizationException) {
      return List.of(Right.toGroup(applicationId));
    }
    if (denied instanceof TransactionalIdAuthorizationException) {
      return List.of(Right.toTransactions(applicationId));
    }
    if (denied instanceof ClusterAuthorizationException) {
      return List.of(new Right(AclOperation.IDEMPOTENT_WRITE, ResourceType.CLUSTER, "", ""));
    }
    return List.of();
  }

  /** The right that the service uses a topic by. */
  private static Right use(String topic, AbstractConfig config) {
    return TopicKeys.rights(config).stream()
        .filter(right -> right.name().equals(topic))
        .findFirst()
        .orElseGet(() -> Right.toTopic(AclOperation.READ, topic, TopicKeys.FRAMES_TOPICS_PATTERN));
  }
}
