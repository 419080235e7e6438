package io.atrous.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A right that the cluster's access control must grant.
 *
 * @param name the resource's; of transactional ids what they begin with
 * @param key the key that names the resource
 */
public record Right(AclOperation operation, ResourceType resource, String name, String key) {

  /** The right to do something with a topic. */
  public static Right toTopic(AclOperation operation, String topic, String key) {
    return new Right(operation, ResourceType.TOPIC, topic, key);
  }

  /** The right to be a member of a group, and to commit. */
  public static Right toGroup(String groupId) {
    return new Right(AclOperation.READ, ResourceType.GROUP, groupId, KafkaKeys.APPLICATION_ID);
  }

  /** The right to write in transactions. */
  public static Right toTransactions(String applicationId) {
    return new Right(
        AclOperation.WRITE,
        ResourceType.TRANSACTIONAL_ID,
        applicationId + "-",
        KafkaKeys.APPLICATION_ID);
  }

  /** The right as it is granted, such as {@code Read on topic 'frames' ('frames.topics')}. */
  @Override
  public String toString() {
    return switch (resource) {
      case CLUSTER -> camelCase(operation) + " on the cluster";
      case TRANSACTIONAL_ID ->
          "%s on transactional ids that begin with '%s' ('%s')"
              .formatted(camelCase(operation), name, key);
      default ->
          "%s on %s '%s' ('%s')"
              .formatted(camelCase(operation), resource.name().toLowerCase(Locale.ROOT), name, key);
    };
  }

  /** As Kafka's tools write it: IdempotentWrite. */
  private static String camelCase(AclOperation operation) {
    return Arrays.stream(operation.name().split("_", -1))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
