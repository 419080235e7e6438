package io.atrous.chaos;

import io.atrous.event.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.jspecify.annotations.Nullable;

/**
 * What the broker knows of the service's consumer group and of the topics.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class Group implements AutoCloseable {

  private final String bootstrapServers;
  private final Admin admin;
  private final String groupId;
  private final boolean streamsProtocol;

  Group(String bootstrapServers, String groupId, String groupProtocol) {
    this.bootstrapServers = bootstrapServers;
    this.groupId = groupId;
    this.streamsProtocol = groupProtocol.equals("streams");
    admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
  }

  /** Returns a consumer that does not belong there; to be closed. */
  Stranger stranger() {
    return new Stranger(bootstrapServers, groupId);
  }

  /** The committed offset of each partition of the frames that has one. */
  Map<Integer, Long> committed() throws InterruptedException {
    Map<Integer, Long> committed = new HashMap<>();
    try {
      get(admin.listConsumerGroupOffsets(groupId).partitionsToOffsetAndMetadata())
          .forEach(
              (partition, offset) -> {
                if (offset != null) {
                  committed.put(partition.partition(), offset.offset());
                }
              });
    } catch (GroupIdNotFoundException e) {
      // Nobody has joined yet.
    }
    return committed;
  }

  /** The partitions of the frames that an instance has. */
  Set<Integer> partitionsOf(ServiceProcess instance) throws InterruptedException {
    Set<Integer> partitions = new HashSet<>();
    try {
      if (streamsProtocol) {
        described(admin.describeStreamsGroups(Set.of(groupId)).describedGroups()).members().stream()
            .filter(member -> belongsTo(instance, member.clientId()))
            .flatMap(member -> member.assignment().activeTasks().stream())
            .forEach(task -> partitions.addAll(task.partitions()));
      } else {
        described(admin.describeConsumerGroups(Set.of(groupId)).describedGroups())
            .members()
            .stream()
            .filter(member -> belongsTo(instance, member.clientId()))
            .flatMap(member -> member.assignment().topicPartitions().stream())
            .filter(partition -> partition.topic().equals(Topics.FRAMES))
            .forEach(partition -> partitions.add(partition.partition()));
      }
    } catch (GroupIdNotFoundException e) {
      // Nobody has joined yet.
    }
    return partitions;
  }

  private <T> T described(Map<String, KafkaFuture<T>> groups) throws InterruptedException {
    return get(Objects.requireNonNull(groups.get(groupId)));
  }

  private static boolean belongsTo(ServiceProcess instance, String clientId) {
    return clientId.startsWith(instance.clientId() + "-");
  }

  /** The ends of partitions, with what open transactions have written or without. */
  Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions, boolean committedOnly)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    Map<TopicPartition, ListOffsetsResultInfo> found =
        get(
            admin
                .listOffsets(
                    wanted,
                    new ListOffsetsOptions(
                        committedOnly
                            ? IsolationLevel.READ_COMMITTED
                            : IsolationLevel.READ_UNCOMMITTED))
                .all());
    found.forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  /**
   * Limits the size of a topic's records.
   *
   * @param bytes or null for the brokers' own limit
   */
  void limitRecords(String topic, @Nullable Integer bytes) throws InterruptedException {
    ConfigEntry limit =
        new ConfigEntry(
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, bytes == null ? null : bytes.toString());
    get(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    List.of(
                        new AlterConfigOp(
                            limit,
                            bytes == null
                                ? AlterConfigOp.OpType.DELETE
                                : AlterConfigOp.OpType.SET))))
            .all());
  }

  /**
   * Limits what each producer may write.
   *
   * @param bytesPerSecond or null for no limit
   */
  void limitProducers(@Nullable Double bytesPerSecond) throws InterruptedException {
    Map<String, String> everyone = new HashMap<>();
    everyone.put(ClientQuotaEntity.CLIENT_ID, null);
    get(
        admin
            .alterClientQuotas(
                Set.of(
                    new ClientQuotaAlteration(
                        new ClientQuotaEntity(everyone),
                        Set.of(
                            new ClientQuotaAlteration.Op("producer_byte_rate", bytesPerSecond)))))
            .all());
  }

  /**
   * @throws GroupIdNotFoundException if that is the answer
   * @throws RetriableException if the broker did not answer in time
   */
  private static <T> T get(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new ChaosFailedException("The broker does not answer: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
