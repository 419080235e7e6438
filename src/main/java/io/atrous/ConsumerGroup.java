package io.atrous;

import io.atrous.settings.Cluster;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeShareGroupsOptions;
import org.apache.kafka.clients.admin.DescribeStreamsGroupsOptions;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/**
 * What brokers tell of a group of consumers.
 *
 * @param type {@link GroupType#UNKNOWN} if the group is not one of consumers at all
 * @param assignor assignor of partitions in a classic group: {@link #STREAMS_ASSIGNOR} or another;
 *     empty while the group rebalances
 * @param topologyTopics the topics that a streams group was made for; empty for other groups
 * @param operations operations on the group that the asker may do; empty if the brokers don't say
 */
record ConsumerGroup(
    GroupType type,
    String assignor,
    Set<String> topologyTopics,
    List<Member> members,
    Set<AclOperation> operations) {

  /** The assignor of Kafka Streams. */
  static final String STREAMS_ASSIGNOR = "stream";

  /**
   * A member.
   *
   * @param topics those of its partitions
   */
  record Member(String clientId, String host, Set<String> topics) {}

  /**
   * Asks for a group; empty if there is none of that name.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers refuse or do not answer
   */
  static Optional<ConsumerGroup> find(Admin admin, String groupId) throws InterruptedException {
    Set<String> ids = Set.of(groupId);
    Optional<ConsumerGroup> found;
    try {
      found =
          described(
              groupId,
              admin
                  .describeConsumerGroups(
                      ids, new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                  .describedGroups(),
              ConsumerGroup::of);
    } catch (IllegalArgumentException e) {
      // So the client says it of groups of Kafka Connect and the like.
      return Optional.of(new ConsumerGroup(GroupType.UNKNOWN, "", Set.of(), List.of(), Set.of()));
    }
    if (found.isEmpty()) {
      found =
          described(
              groupId,
              admin
                  .describeStreamsGroups(
                      ids, new DescribeStreamsGroupsOptions().includeAuthorizedOperations(true))
                  .describedGroups(),
              ConsumerGroup::of);
    }
    if (found.isEmpty()) {
      found =
          described(
              groupId,
              admin
                  .describeShareGroups(
                      ids, new DescribeShareGroupsOptions().includeAuthorizedOperations(true))
                  .describedGroups(),
              ConsumerGroup::of);
    }
    return found;
  }

  private static <T> Optional<ConsumerGroup> described(
      String groupId, Map<String, KafkaFuture<T>> answers, Function<T, ConsumerGroup> made)
      throws InterruptedException {
    try {
      return Optional.of(made.apply(Cluster.get(Objects.requireNonNull(answers.get(groupId)))));
    } catch (GroupIdNotFoundException | UnsupportedVersionException e) {
      return Optional.empty();
    }
  }

  private static ConsumerGroup of(ConsumerGroupDescription group) {
    return new ConsumerGroup(
        group.type(),
        group.partitionAssignor(),
        Set.of(),
        group.members().stream()
            .map(m -> member(m.clientId(), m.host(), m.assignment().topicPartitions()))
            .toList(),
        known(group.authorizedOperations()));
  }

  private static ConsumerGroup of(StreamsGroupDescription group) {
    Set<String> topics =
        group.subtopologies().stream()
            .flatMap(part -> part.sourceTopics().stream())
            .collect(Collectors.toSet());
    return new ConsumerGroup(
        GroupType.STREAMS,
        "",
        topics,
        group.members().stream()
            .map(member -> new Member(member.clientId(), member.clientHost(), topics))
            .toList(),
        known(group.authorizedOperations()));
  }

  private static ConsumerGroup of(ShareGroupDescription group) {
    return new ConsumerGroup(
        GroupType.SHARE,
        "",
        Set.of(),
        group.members().stream()
            .map(m -> member(m.clientId(), m.host(), m.assignment().topicPartitions()))
            .toList(),
        known(group.authorizedOperations()));
  }

  private static Member member(String clientId, String host, Set<TopicPartition> partitions) {
    return new Member(
        clientId, host, partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet()));
  }

  private static Set<AclOperation> known(@Nullable Set<AclOperation> operations) {
    return operations == null ? Set.of() : operations;
  }
}
