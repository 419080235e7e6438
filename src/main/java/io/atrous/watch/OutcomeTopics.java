package io.atrous.watch;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.EventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.InvalidEventException;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.event.SchemaRegistryException;
import io.atrous.settings.ClientSettings;
import io.atrous.settings.Cluster;
import io.atrous.settings.RegistryKeys;
import io.atrous.settings.Right;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The topics of masks, regions and dead letters, read from now on; committed events only. Reading
 * joins no group and commits nothing, so it disturbs nobody's.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class OutcomeTopics implements AutoCloseable {

  private final AbstractConfig config;
  private final String masks;
  private final String regions;
  private final Clock clock;
  private final EventSerdes serdes;
  private final EventSerde<MaskEvent> mask;
  private final EventSerde<RegionEvent> region;
  private final EventSerde<DeadLetterEvent> deadLetter;
  private final Consumer<byte[], byte[]> consumer;

  private OutcomeTopics(AbstractConfig config, Clock clock) {
    this.config = config;
    this.masks = config.getString(TopicKeys.MASKS_TOPIC);
    this.regions = config.getString(TopicKeys.REGIONS_TOPIC);
    this.clock = clock;
    this.serdes = RegistryKeys.serdes(config);
    this.mask = serdes.serde(MaskEvent.class);
    this.region = serdes.serde(RegionEvent.class);
    this.deadLetter = serdes.serde(DeadLetterEvent.class);
    Map<String, Object> settings = ClientSettings.consumer(config);
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Looks for the topics, and goes to their ends.
   *
   * @param config {@link io.atrous.settings.ServiceConfig#forTools} or more
   * @param clock tells when an event was read
   * @throws StartException if the cluster doesn't answer or lacks a topic
   */
  public static OutcomeTopics open(AbstractConfig config, Clock clock) {
    List<Right> rights =
        List.of(
            right(config, TopicKeys.MASKS_TOPIC),
            right(config, TopicKeys.REGIONS_TOPIC),
            right(config, TopicKeys.DEAD_LETTERS_TOPIC));
    Cluster.requireTopics(config, rights);
    OutcomeTopics topics = new OutcomeTopics(config, clock);
    topics.seekToEnds(rights);
    return topics;
  }

  private static Right right(AbstractConfig config, String key) {
    return Right.toTopic(AclOperation.READ, config.getString(key), key);
  }

  private void seekToEnds(List<Right> topics) {
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic.name()).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Seeking is lazy: without this the end would be where it is at the first poll.
    partitions.forEach(consumer::position);
  }

  /**
   * Tells a listener what has come.
   *
   * @param timeout time to wait if nothing has
   * @throws StartException if the brokers or the schema registry refuse
   */
  public void read(Duration timeout, OutcomeListener listener) {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
        tell(record, listener);
      }
    } catch (SchemaRegistryException e) {
      throw new StartException(e);
    } catch (KafkaException e) {
      throw Cluster.failure(config, e);
    }
  }

  private void tell(ConsumerRecord<byte[], byte[]> record, OutcomeListener listener) {
    if (record.topic().equals(masks)) {
      MaskEvent event = event(mask, record, listener);
      if (event != null) {
        listener.mask(event, writtenAt(record));
      }
    } else if (record.topic().equals(regions)) {
      RegionEvent event = event(region, record, listener);
      if (event != null) {
        listener.region(event);
      }
    } else {
      DeadLetterEvent event = event(deadLetter, record, listener);
      if (event != null) {
        listener.deadLetter(event);
      }
    }
  }

  /** A record's own time is that of its frame, except where the broker sets it. */
  private Instant writtenAt(ConsumerRecord<byte[], byte[]> record) {
    return record.timestampType() == TimestampType.LOG_APPEND_TIME
        ? Instant.ofEpochMilli(record.timestamp())
        : clock.instant();
  }

  private static <T extends SpecificRecord> @Nullable T event(
      EventSerde<T> serde, ConsumerRecord<byte[], byte[]> record, OutcomeListener listener) {
    T event = null;
    try {
      event = serde.deserializer().deserialize(record.topic(), record.value());
    } catch (InvalidEventException e) {
      // Said below.
    }
    if (event == null) {
      listener.unreadable();
    }
    return event;
  }

  @Override
  public void close() {
    consumer.close();
    serdes.close();
  }
}
