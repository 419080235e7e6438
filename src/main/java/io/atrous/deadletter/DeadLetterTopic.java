package io.atrous.deadletter;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.EventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.InvalidEventException;
import io.atrous.event.SchemaRegistryException;
import io.atrous.settings.ClientSettings;
import io.atrous.settings.Cluster;
import io.atrous.settings.RegistryKeys;
import io.atrous.settings.Right;
import io.atrous.settings.StartException;
import io.atrous.settings.TopicKeys;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a service, from the oldest to where the topic ends when reading begins;
 * committed ones only. Reading joins no group and commits nothing.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class DeadLetterTopic implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

  private final String topic;
  private final EventSerdes serdes;
  private final EventSerde<DeadLetterEvent> serde;
  private final Consumer<byte[], byte[]> consumer;
  private final LongSupplier nanoTime;

  private DeadLetterTopic(AbstractConfig config, LongSupplier nanoTime) {
    this.topic = config.getString(TopicKeys.DEAD_LETTERS_TOPIC);
    this.nanoTime = nanoTime;
    this.serdes = RegistryKeys.serdes(config);
    this.serde = serdes.serde(DeadLetterEvent.class);
    Map<String, Object> settings = ClientSettings.consumer(config);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * What was read.
   *
   * @param matched how many dead letters the filter let through
   * @param unreadable how many records were no dead letters
   */
  public record Summary(long matched, long unreadable) {}

  /**
   * Looks for the topic.
   *
   * @param config {@link io.atrous.settings.ServiceConfig#forTools} or more
   * @param nanoTime the clock that says when the brokers have stopped answering
   * @throws StartException if the cluster doesn't answer or has no such topic
   */
  public static DeadLetterTopic open(AbstractConfig config, LongSupplier nanoTime) {
    String topic = config.getString(TopicKeys.DEAD_LETTERS_TOPIC);
    Cluster.requireTopics(
        config, List.of(Right.toTopic(AclOperation.READ, topic, TopicKeys.DEAD_LETTERS_TOPIC)));
    return new DeadLetterTopic(config, nanoTime);
  }

  /**
   * Reads the topic, partition by partition, so that the order is the same each time.
   *
   * @param limit how many matching letters to show at most
   * @param each is shown each letter that matches; false ends the reading
   * @throws StartException if the schema registry can't be used
   * @throws DeadLettersFailedException if the brokers stop answering
   */
  public Summary read(DeadLetterFilter filter, long limit, Predicate<DeadLetterEvent> each) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .sorted(Comparator.comparingInt(PartitionInfo::partition))
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Progress progress = new Progress(filter, limit, each);
    for (TopicPartition partition : partitions) {
      read(partition, ends.getOrDefault(partition, 0L), progress);
    }
    return new Summary(progress.matched, progress.unreadable);
  }

  private void read(TopicPartition partition, long end, Progress progress) {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    long position = consumer.position(partition);
    long lastProgressNanos = nanoTime.getAsLong();
    while (position < end && !progress.ended) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset() < end && !progress.ended) {
          progress.take(event(record));
        }
      }
      // Markers of transactions move the position, too.
      long next = consumer.position(partition);
      if (next > position) {
        position = next;
        lastProgressNanos = nanoTime.getAsLong();
      } else if (nanoTime.getAsLong() - lastProgressNanos > STALL_TIMEOUT.toNanos()) {
        throw new DeadLettersFailedException(
            "%s can't be read on from offset %d: the brokers have sent nothing for %d seconds"
                .formatted(partition, position, STALL_TIMEOUT.toSeconds()),
            null);
      }
    }
  }

  /** The letter, or null if the record is none. */
  private @Nullable DeadLetterEvent event(ConsumerRecord<byte[], byte[]> record) {
    try {
      return serde.deserializer().deserialize(topic, record.value());
    } catch (InvalidEventException e) {
      return null;
    } catch (SchemaRegistryException e) {
      throw new StartException(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
    serdes.close();
  }

  /** What one reading has come to. */
  private static final class Progress {

    private final DeadLetterFilter filter;
    private final long limit;
    private final Predicate<DeadLetterEvent> each;
    private long matched;
    private long unreadable;
    private boolean ended;

    Progress(DeadLetterFilter filter, long limit, Predicate<DeadLetterEvent> each) {
      this.filter = filter;
      this.limit = limit;
      this.each = each;
      this.ended = limit <= 0;
    }

    void take(@Nullable DeadLetterEvent letter) {
      if (letter == null) {
        unreadable++;
      } else if (filter.matches(letter)) {
        matched++;
        ended = !each.test(letter) || matched >= limit;
      }
    }
  }
}
