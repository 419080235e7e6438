package io.atrous.chaos;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.event.SchemaRegistryClient;
import io.atrous.event.SchemaRegistryConfig;
import io.atrous.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * A consumer of the output topics, from their beginning and through all that happens, which writes
 * down what it reads.
 *
 * <p><b>Threading:</b> reads on a thread of its own until {@link #readToEnd}; {@link
 * #distinctOutcomes} may be called from any thread.
 */
final class Downstream implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LATENCY_DIGITS = 3;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final SchemaRegistryClient registry;
  private final Deserializer<MaskEvent> masks;
  private final Deserializer<RegionEvent> regions;
  private final Deserializer<DeadLetterEvent> deadLetters;
  private final Thread thread = new Thread(this::readOn, "downstream");
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  // Written by whoever reads; handed over when the thread ends.
  private final List<SeenOutcome> outcomes = new ArrayList<>();
  private final Map<Attempt, List<Integer>> regionIndexes = new HashMap<>();
  private final Set<String> outcomeIds = new HashSet<>();
  private final Histogram latencyMillis = new Histogram(LATENCY_DIGITS);
  private volatile int distinctOutcomes;

  /**
   * @param committedOnly true if it reads at {@code read_committed}
   */
  Downstream(String bootstrapServers, String registryUrl, boolean committedOnly) {
    Map<String, String> registrySettings = Map.of(SchemaRegistryConfig.URL, registryUrl);
    registry = new SchemaRegistryClient(new SchemaRegistryConfig(registrySettings));
    masks = deserializer(MaskEvent.class, registrySettings);
    regions = deserializer(RegionEvent.class, registrySettings);
    deadLetters = deserializer(DeadLetterEvent.class, registrySettings);
    Map<String, Object> client =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            // What can't be read any more must not be passed over in silence.
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            committedOnly ? "read_committed" : "read_uncommitted");
    consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    partitions =
        Stream.of(Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS)
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  private <T extends SpecificRecord> Deserializer<T> deserializer(
      Class<T> type, Map<String, String> settings) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type, registry);
    serde.configure(settings, false);
    return serde.deserializer();
  }

  void start() {
    thread.start();
  }

  /** Returns the number of frames that have an outcome by now. */
  int distinctOutcomes() {
    return distinctOutcomes;
  }

  /** Returns the exception that ended the reading early, if any. */
  Optional<Exception> failure() {
    return Optional.ofNullable(failure.get());
  }

  /**
   * Reads what is there and gives all that was read.
   *
   * @param ends the ends of the output topics, up to which no transaction is open
   */
  DownstreamReading readToEnd(Map<TopicPartition, Long> ends) throws InterruptedException {
    stop();
    failure()
        .ifPresent(
            cause -> {
              throw new ChaosFailedException("The consumer can't read on: " + cause, cause);
            });
    while (!isAt(ends)) {
      consumer.poll(POLL).forEach(this::take);
    }
    return new DownstreamReading(outcomes, regionIndexes);
  }

  /** From the timestamps of frames to the reading of their masks, once reading has ended. */
  Histogram latencyMillis() {
    return latencyMillis;
  }

  /** The partitions it reads: all of the output topics. */
  List<TopicPartition> partitions() {
    return partitions;
  }

  private boolean isAt(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private void stop() throws InterruptedException {
    if (thread.isAlive()) {
      consumer.wakeup();
      thread.join();
    }
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
    registry.close();
  }

  private void readOn() {
    try {
      while (true) {
        consumer.poll(POLL).forEach(this::take);
      }
    } catch (WakeupException e) {
      // It is asked to stop.
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    switch (record.topic()) {
      case Topics.MASKS -> take(record, masks.deserialize(record.topic(), record.value()));
      case Topics.REGIONS -> {
        RegionEvent region = regions.deserialize(record.topic(), record.value());
        regionIndexes
            .computeIfAbsent(
                new Attempt(region.getOutcomeId(), region.getAttemptId()),
                attempt -> new ArrayList<>())
            .add(region.getIndex());
      }
      default -> take(record, deadLetters.deserialize(record.topic(), record.value()));
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record, MaskEvent mask) {
    latencyMillis.recordValue(Math.max(0, System.currentTimeMillis() - record.timestamp()));
    Map<Integer, Long> pixelsByClass = new HashMap<>();
    mask.getClasses()
        .forEach(present -> pixelsByClass.put(present.getClassId(), present.getPixelCount()));
    add(
        new SeenOutcome(
            record.topic(),
            record.partition(),
            mask.getOutcomeId(),
            mask.getAttemptId(),
            mask.getCameraId(),
            mask.getSequence(),
            mask.getFrameId(),
            mask.getRegionCount(),
            pixelsByClass,
            null));
  }

  private void take(ConsumerRecord<byte[], byte[]> record, DeadLetterEvent letter) {
    add(
        new SeenOutcome(
            record.topic(),
            record.partition(),
            letter.getOutcomeId(),
            letter.getAttemptId(),
            letter.getCameraId(),
            letter.getSequence(),
            letter.getFrameId(),
            0,
            Map.of(),
            letter.getReason()));
  }

  private void add(SeenOutcome outcome) {
    outcomes.add(outcome);
    outcomeIds.add(outcome.outcomeId());
    distinctOutcomes = outcomeIds.size();
  }
}
