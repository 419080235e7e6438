package io.atrous;

import static java.util.stream.Collectors.toSet;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEvent;
import io.atrous.event.LoopbackSerdes;
import io.atrous.settings.ServiceConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a service needs around it: topics on a real broker, and a schema registry. It writes frames
 * and reads what is committed, as other programs do.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the registry.
 */
final class ServiceEnvironment implements AutoCloseable {

  private final EmbeddedKafka kafka;
  private final String name;
  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();

  /**
   * Creates the topics.
   *
   * @param name the application id, and the prefix of the topics
   * @param framePartitions the partitions of the frames' topic; the others have one
   */
  ServiceEnvironment(EmbeddedKafka kafka, String name, int framePartitions) {
    this.kafka = kafka;
    this.name = name;
    kafka.createTopic(frames(), framePartitions);
    for (String topic : List.of(masks(), regions(), deadLetters())) {
      kafka.createTopic(topic, 1);
    }
  }

  String frames() {
    return name + "-frames";
  }

  String masks() {
    return name + "-masks";
  }

  private String regions() {
    return name + "-regions";
  }

  String deadLetters() {
    return name + "-dead-letters";
  }

  URI registryUrl() {
    return registry.url();
  }

  /**
   * Makes the configuration of a service in this environment.
   *
   * @param more settings that go before those of the environment
   */
  ServiceConfig config(Map<String, String> more) {
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "application.id", name,
                "bootstrap.servers", kafka.bootstrapServers(),
                "schema.registry.url", registryUrl().toString(),
                "frames.topics", frames(),
                "masks.topic", masks(),
                "regions.topic", regions(),
                "dead.letters.topic", deadLetters()));
    settings.putAll(more);
    return ServiceConfig.of(settings);
  }

  /** Returns a frame's record as our own serde writes it. */
  byte[] serialize(FrameEvent frame) {
    try (AvroEventSerde<FrameEvent> serde = serde(FrameEvent.class)) {
      serde.prepare(frames());
      return serde.serializer().serialize(frames(), frame);
    }
  }

  /** Returns when the broker has the record. */
  void send(byte[] frame) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.send(new ProducerRecord<>(frames(), frame)).get();
    }
  }

  /** Waits until a topic holds that many committed events. */
  <T extends SpecificRecord> List<T> read(Class<T> type, String topic, int count) {
    List<T> events = new ArrayList<>();
    try (AvroEventSerde<T> serde = serde(type);
        KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      while (events.size() < count) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          events.add(serde.deserializer().deserialize(topic, record.value()));
        }
      }
    }
    return events;
  }

  /** The caller's to close. */
  KafkaProducer<byte[], byte[]> producer() {
    return kafka.producer();
  }

  /** A consumer of the service's own group, which sees what the service has committed. */
  KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "group.id",
            name,
            "enable.auto.commit",
            false,
            "isolation.level",
            "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** A consumer at the beginning of a topic of one partition. */
  KafkaConsumer<byte[], byte[]> consumer(String topic) {
    KafkaConsumer<byte[], byte[]> consumer = consumer();
    List<TopicPartition> partition = List.of(new TopicPartition(topic, 0));
    consumer.assign(partition);
    consumer.seekToBeginning(partition);
    return consumer;
  }

  /** The ids of the group's static members. */
  Set<String> groupInstanceIds() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin.describeConsumerGroups(List.of(name)).all().get().values().stream()
          .flatMap(group -> group.members().stream())
          .flatMap(member -> member.groupInstanceId().stream())
          .collect(toSet());
    }
  }

  /** A serde of our own for this environment's registry; the caller's to close. */
  <T extends SpecificRecord> AvroEventSerde<T> serde(Class<T> type) {
    return LoopbackSerdes.serde(type, registry);
  }

  @Override
  public void close() {
    registry.close();
  }
}
