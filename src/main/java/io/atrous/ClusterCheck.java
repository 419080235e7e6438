package io.atrous;

import io.atrous.settings.Cluster;
import io.atrous.settings.Denial;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.Right;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import io.atrous.stream.FrameTopics;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the cluster before the service joins it, so that what is missing is said at once. */
final class ClusterCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterCheck.class);

  private ClusterCheck() {}

  /**
   * Checks that a broker answers, that the topics exist, and that the service may do what it has
   * to. What it may do with a group or a transaction that does not exist yet shows only when it
   * joins.
   *
   * @throws StartException in one sentence that names the key, if not
   */
  static void run(ServiceConfig config) {
    Cluster.requireTopics(config, rightsToTopics(config));
    boolean transactional = KafkaKeys.guarantee(config) == ProcessingGuarantee.EXACTLY_ONCE_V2;
    requireRights(config, transactional);
    if (transactional) {
      warnOfSingleCopies(config);
    }
  }

  private static List<Right> rightsToTopics(ServiceConfig config) {
    List<Right> rights = new ArrayList<>();
    if (TopicKeys.frames(config) instanceof FrameTopics.Matching matching) {
      Cluster.topics(config).stream()
          .filter(matching::contains)
          .sorted()
          .map(topic -> Right.toTopic(AclOperation.READ, topic, TopicKeys.FRAMES_TOPICS_PATTERN))
          .forEach(rights::add);
    }
    rights.addAll(TopicKeys.rights(config));
    return rights;
  }

  private static void requireRights(ServiceConfig config, boolean transactional) {
    String applicationId = config.getString(KafkaKeys.APPLICATION_ID);
    List<Right> denied = new ArrayList<>();
    try (Admin admin = Cluster.connect(config)) {
      if (!mayJoin(admin, applicationId)) {
        denied.add(Right.toGroup(applicationId));
      }
      if (transactional && !mayWriteInTransactions(admin, applicationId)) {
        denied.add(Right.toTransactions(applicationId));
      }
    } catch (KafkaException e) {
      throw Cluster.failure(config, e);
    } catch (InterruptedException e) {
      throw Cluster.interrupted(e);
    }
    if (!denied.isEmpty()) {
      throw Denial.of(denied);
    }
  }

  private static boolean mayJoin(Admin admin, String groupId) throws InterruptedException {
    try {
      return ConsumerGroup.find(admin, groupId)
          .filter(group -> Cluster.denies(group.operations(), AclOperation.READ))
          .isEmpty();
    } catch (GroupAuthorizationException e) {
      return false;
    }
  }

  /** Asks for a transaction that nobody has, by the name that Streams would give it. */
  private static boolean mayWriteInTransactions(Admin admin, String applicationId)
      throws InterruptedException {
    String id = "%s-%s-0".formatted(applicationId, UUID.randomUUID());
    try {
      var unused = Cluster.get(admin.describeTransactions(List.of(id)).description(id));
      return true;
    } catch (TransactionalIdAuthorizationException e) {
      return false;
    } catch (TransactionalIdNotFoundException | UnsupportedVersionException e) {
      return true;
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
