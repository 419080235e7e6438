package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.Await;
import io.atrous.embedded.EmbeddedKafka;
import io.atrous.stream.ContractInstance.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.assertj.core.util.Throwables;
import org.jspecify.annotations.Nullable;

/**
 * Topics and a group of its own on a broker, and what can be seen of a service from outside: what
 * it has committed and what it has written.
 */
final class ContractWorld implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final AtomicInteger WORLDS = new AtomicInteger();

  private final ContractSetting setting;
  private final ContractFormat format;
  private final Map<TopicPartition, Long> sent = new HashMap<>();
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  /** A world of frames that nobody looks into. */
  ContractWorld(EmbeddedKafka kafka, String guarantee, int partitions) {
    this(kafka, guarantee, partitions, HeldEngine.FORMAT);
  }

  ContractWorld(EmbeddedKafka kafka, String guarantee, int partitions, ContractFormat format) {
    this.format = format;
    setting =
        new ContractSetting(
            kafka.bootstrapServers(), guarantee, "contract-" + WORLDS.incrementAndGet());
    kafka.createTopics(
        List.of(
            topic(setting.frames(), partitions),
            topic(setting.masks(), 1),
            topic(setting.regions(), 1),
            topic(setting.deadLetters(), 1)));
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    producer = kafka.producer();
  }

  ContractSetting setting() {
    return setting;
  }

  private static NewTopic topic(String name, int partitions) {
    return new NewTopic(name, partitions, (short) 1);
  }

  /** Sends frames and waits until the broker has them. */
  void send(int partition, int count) {
    for (int i = 0; i < count; i++) {
      long sequence = next(partition);
      send(
          partition,
          1_000L * (partition + 1) + sequence,
          ("camera-" + partition + "-" + sequence).getBytes(UTF_8),
          format.frame(partition, sequence));
    }
  }

  /** Sends a frame of that time. */
  void sendDated(int partition, long timestampMillis) {
    long sequence = next(partition);
    send(
        partition,
        timestampMillis,
        ("camera-" + partition + "-" + sequence).getBytes(UTF_8),
        format.frame(partition, sequence));
  }

  /** Sends any record, and waits until the broker has it. */
  void send(int partition, long timestampMillis, byte @Nullable [] key, byte[] value) {
    ProducerRecord<byte[], byte[]> frame =
        new ProducerRecord<>(setting.frames(), partition, timestampMillis, key, value);
    frame.headers().add("trace", new byte[] {1});
    get(producer.send(frame));
    sent.merge(new TopicPartition(setting.frames(), partition), 1L, Long::sum);
  }

  private long next(int partition) {
    return sent.getOrDefault(new TopicPartition(setting.frames(), partition), 0L);
  }

  /** Changes the configuration of a topic. */
  void configure(String topic, String key, String value) {
    get(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    List.of(
                        new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
            .all());
  }

  /** The committed offset of a partition of the frames, 0 if there is none. */
  long committed(int partition) {
    OffsetAndMetadata offset = offsets().get(new TopicPartition(setting.frames(), partition));
    return offset == null ? 0 : offset.offset();
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets() {
    try {
      return admin
          .listConsumerGroupOffsets(setting.applicationId())
          .partitionsToOffsetAndMetadata()
          .get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Map.of();
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until everything that was sent is committed. */
  void awaitAllCommitted() {
    sent.forEach(
        (partition, end) ->
            Await.until(
                partition + " committed to " + end, () -> committed(partition.partition()) == end));
  }

  /** Runs an instance that holds nothing until every frame is committed, and reads the answers. */
  Answers finish() {
    return finish(Options.usual());
  }

  Answers finish(Options options) {
    return finish(options, new HeldEngine());
  }

  Answers finish(Options options, ContractEngine engine) {
    if (options.groupProtocol().equals("classic")) {
      evictMembers();
    }
    try (ContractInstance last = ContractInstance.start(setting, engine, options)) {
      awaitAllCommitted();
      if (last.failure() != null) {
        throw new AssertionError(last.failure());
      }
    }
    return answers();
  }

  /** Throws every member out of the group, as the broker does with those it no longer hears. */
  void evictMembers() {
    try {
      get(
          admin
              .removeMembersFromConsumerGroup(
                  setting.applicationId(), new RemoveMembersFromConsumerGroupOptions())
              .all());
    } catch (IllegalStateException e) {
      Throwable cause = Throwables.getRootCause(e);
      if (!(cause instanceof GroupIdNotFoundException)
          && !String.valueOf(cause.getMessage()).contains("members should not be empty")) {
        throw e;
      }
      // Nobody has been here yet, or nobody is any more.
    }
  }

  /**
   * All that is in the topics, as a consumer that reads only what is committed sees it, once no
   * transaction is open any more.
   */
  private Answers answers() {
    for (String topic : List.of(setting.masks(), setting.regions(), setting.deadLetters())) {
      Await.until("no transaction open in " + topic, () -> end(topic, true) == end(topic, false));
    }
    return new Answers(
        format,
        read(setting.frames(), "read_committed"),
        read(setting.masks(), "read_committed"),
        read(setting.regions(), "read_committed"),
        read(setting.deadLetters(), "read_committed"));
  }

  private long end(String topic, boolean committed) {
    TopicPartition partition = new TopicPartition(topic, 0);
    ListOffsetsOptions options =
        new ListOffsetsOptions(
            committed ? IsolationLevel.READ_COMMITTED : IsolationLevel.READ_UNCOMMITTED);
    return get(admin
            .listOffsets(Map.of(partition, OffsetSpec.latest()), options)
            .partitionResult(partition))
        .offset();
  }

  /** How many masks have been written, committed or not. */
  int masksWritten() {
    return read(setting.masks(), "read_uncommitted").size();
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic, String isolation) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", setting.bootstrapServers(), "isolation.level", isolation);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records;
    }
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
  }
}
