package io.atrous;

import io.atrous.settings.ClientSettings;
import io.atrous.settings.KafkaKeys;
import io.atrous.settings.ProcessingGuarantee;
import io.atrous.settings.ServiceConfig;
import io.atrous.stream.PartitionProgress;
import io.atrous.stream.PartitionProgress.Unanswered;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how far the service is behind in each of its partitions: {@code atrous_lag_seconds} is
 * the age of the first record without an outcome, 0 if there is none, and {@code atrous_lag_frames}
 * the number of records from it to the partition's end.
 *
 * <p>It asks the cluster by itself, on its own thread: a stream thread that waits for a device that
 * hangs measures nothing. Between two looks, and while no broker answers, the seconds go on rising.
 * If the first record without an outcome has not been taken yet, it is read once for its timestamp.
 *
 * <p><b>Threading:</b> confined to one thread; the gauges may be read on any. Owns its consumer.
 */
final class LagMonitor implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LagMonitor.class);

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration READ_PATIENCE = Duration.ofSeconds(1);

  private final Consumer<byte[], byte[]> consumer;
  private final Supplier<Map<TopicPartition, Long>> assigned;
  private final PartitionProgress progress;
  private final LongSupplier clockMillis;
  private final MultiGauge seconds;
  private final MultiGauge frames;
  private Map<TopicPartition, Lag> last = Map.of();

  /**
   * A partition's lag.
   *
   * @param firstOffset the first record without an outcome
   * @param oldestMillis its timestamp; null if there is no such record
   */
  private record Lag(long firstOffset, long frames, @Nullable Long oldestMillis) {

    static final Lag NONE = new Lag(-1, 0, null);

    double seconds(long nowMillis) {
      return oldestMillis == null ? 0 : Math.max(0, nowMillis - oldestMillis) / 1e3;
    }
  }

  /**
   * Registers the meters.
   *
   * @param consumer reads as the service does, without a group; is closed with this
   * @param assigned gives the partitions that the service has now, with the offsets that it has
   *     committed; -1 if none
   * @param progress state of the service in each of them
   * @param clockMillis the clock of records' timestamps
   */
  LagMonitor(
      Consumer<byte[], byte[]> consumer,
      Supplier<Map<TopicPartition, Long>> assigned,
      PartitionProgress progress,
      MeterRegistry registry,
      LongSupplier clockMillis) {
    this.consumer = consumer;
    this.assigned = assigned;
    this.progress = progress;
    this.clockMillis = clockMillis;
    this.seconds =
        MultiGauge.builder("atrous.lag")
            .baseUnit("seconds")
            .description("Age of a partition's first frame without an outcome; 0 if there is none")
            .register(registry);
    this.frames =
        MultiGauge.builder("atrous.lag.frames")
            .description(
                "Records of a partition from its first frame without an outcome to its end")
            .register(registry);
  }

  /** Makes a consumer that sees what the service's own sees. */
  static Consumer<byte[], byte[]> consumer(ServiceConfig config) {
    Map<String, Object> settings = ClientSettings.consumer(config);
    // As Kafka Streams has it, unless it is set.
    settings.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        KafkaKeys.guarantee(config) == ProcessingGuarantee.EXACTLY_ONCE_V2
            ? "read_committed"
            : "read_uncommitted");
    settings.put(
        ConsumerConfig.CLIENT_ID_CONFIG, config.getString(KafkaKeys.APPLICATION_ID) + "-lag");
    // A frame is read for its timestamp alone; the first of a fetch comes whatever its size.
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1);
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    return new KafkaConsumer<>(settings, bytes, bytes);
  }

  /** Looks once. */
  void look() {
    try {
      publish(measure(assigned.get()));
    } catch (InterruptException e) {
      LOG.debug("The service stops; its lag is not measured", e);
    } catch (KafkaException e) {
      LOG.debug("The lag can't be measured; the last one goes on rising", e);
    }
  }

  private Map<TopicPartition, Lag> measure(Map<TopicPartition, Long> committed) {
    // Asked for the end of a partition that it doesn't have, it would warn.
    consumer.assign(committed.keySet());
    Map<TopicPartition, Long> ends = consumer.endOffsets(committed.keySet(), PATIENCE);
    Map<TopicPartition, Lag> lags = new HashMap<>();
    committed.forEach(
        (partition, offset) -> {
          Unanswered first =
              progress
                  .of(partition)
                  .orElseGet(() -> new Unanswered(beginning(partition, offset), null));
          lags.put(partition, measure(partition, first, ends.getOrDefault(partition, 0L)));
        });
    return lags;
  }

  /** Where the service begins to read: if nothing is committed, where its reset policy says. */
  private long beginning(TopicPartition partition, long committedOffset) {
    if (committedOffset >= 0) {
      return committedOffset;
    }
    consumer.assign(List.of(partition));
    return consumer.position(partition, PATIENCE);
  }

  private Lag measure(TopicPartition partition, Unanswered first, long endOffset) {
    if (first.offset() >= endOffset) {
      return Lag.NONE;
    }
    Long oldestMillis = first.timestampMillis();
    Lag before = last.getOrDefault(partition, Lag.NONE);
    if (oldestMillis == null && before.firstOffset == first.offset()) {
      oldestMillis = before.oldestMillis;
    }
    if (oldestMillis == null) {
      oldestMillis = readTimestamp(partition, first.offset());
    }
    return oldestMillis == null
        ? Lag.NONE
        : new Lag(first.offset(), endOffset - first.offset(), oldestMillis);
  }

  /** The timestamp of the first record from an offset on; null if only markers are there. */
  private @Nullable Long readTimestamp(TopicPartition partition, long offset) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, offset);
    var records = consumer.poll(READ_PATIENCE).records(partition);
    return records.isEmpty() ? null : records.get(0).timestamp();
  }

  private void publish(Map<TopicPartition, Lag> lags) {
    last = lags;
    List<Row<?>> ages = new ArrayList<>();
    List<Row<?>> counts = new ArrayList<>();
    lags.forEach(
        (partition, lag) -> {
          Tags tags =
              Tags.of(
                  "topic", partition.topic(), "partition", String.valueOf(partition.partition()));
          ages.add(Row.of(tags, lag, aged -> aged.seconds(clockMillis.getAsLong())));
          counts.add(Row.of(tags, lag.frames));
        });
    seconds.register(ages, true);
    frames.register(counts, true);
  }

  /** Closes the consumer; nobody may be looking. */
  @Override
  public void close() {
    consumer.close();
  }
}
