package io.atrous.demo;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.event.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * A downstream consumer of the output topics that takes note of what it sees.
 *
 * <p><b>Threading:</b> reads on a thread of its own; {@link #seen} may be called from anywhere.
 */
final class OutcomeReader implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(20);

  private final Consumer<byte[], byte[]> consumer;
  private final Deserializer<MaskEvent> masks;
  private final Deserializer<RegionEvent> regions;
  private final Deserializer<DeadLetterEvent> deadLetters;
  private final java.util.function.Consumer<MaskEvent> onMask;
  private final java.util.function.Consumer<RegionEvent> onRegion;
  private final Clock clock;
  private final Thread thread = new Thread(this::read, "outcome-reader");
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  // Guarded by this.
  private final Set<String> outcomeIds = new HashSet<>();
  private final Map<Long, Set<String>> partitionsByBatch = new HashMap<>();
  private final Histogram latencyMicros = new Histogram(3_600_000_000L, 3);
  private final List<String> deadLetterMessages = new ArrayList<>();
  private long maskCount;
  private long regionCount;
  private long regionsAnnounced;
  private long framesInBatches;
  private Instant firstCapture = Instant.MAX;
  private Instant lastArrival = Instant.MIN;

  /**
   * @param consumer reads the output topics from their beginning; closed by this
   * @param onMask is shown each mask once, on this reader's thread
   * @param onRegion is shown each region, on this reader's thread
   */
  OutcomeReader(
      Consumer<byte[], byte[]> consumer,
      Deserializer<MaskEvent> masks,
      Deserializer<RegionEvent> regions,
      Deserializer<DeadLetterEvent> deadLetters,
      java.util.function.Consumer<MaskEvent> onMask,
      java.util.function.Consumer<RegionEvent> onRegion,
      Clock clock) {
    this.consumer = consumer;
    this.masks = masks;
    this.regions = regions;
    this.deadLetters = deadLetters;
    this.onMask = onMask;
    this.onRegion = onRegion;
    this.clock = clock;
  }

  /**
   * What was seen so far.
   *
   * @param latencyMicros capture to read, of masks
   */
  record Seen(
      long masks,
      long regions,
      long deadLetters,
      double framesPerSecond,
      double averageBatchSize,
      int partitionsInWidestBatch,
      Histogram latencyMicros,
      List<String> deadLetterMessages) {

    long outcomes() {
      return masks + deadLetters;
    }
  }

  void start() {
    List<TopicPartition> partitions =
        List.of(Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS).stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread.start();
  }

  synchronized Seen seen() {
    double seconds =
        outcomeIds.isEmpty() ? 0 : Duration.between(firstCapture, lastArrival).toNanos() / 1e9;
    return new Seen(
        maskCount,
        regionCount,
        outcomeIds.size() - maskCount,
        seconds > 0 ? outcomeIds.size() / seconds : 0,
        partitionsByBatch.isEmpty() ? 0 : (double) framesInBatches / partitionsByBatch.size(),
        partitionsByBatch.values().stream().mapToInt(Set::size).max().orElse(0),
        latencyMicros.copy(),
        List.copyOf(deadLetterMessages));
  }

  /** Distinct outcomes so far. */
  synchronized long outcomes() {
    return outcomeIds.size();
  }

  /** Returns whether all regions have come that the masks so far announced. */
  synchronized boolean hasAllRegions() {
    return regionCount >= regionsAnnounced;
  }

  /** Returns the exception that ended the reading early, if any. */
  Optional<Exception> failure() {
    return Optional.ofNullable(failure.get());
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (consumer) {
      while (true) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        Instant now = clock.instant();
        for (ConsumerRecord<byte[], byte[]> record : records) {
          take(record, now);
        }
      }
    } catch (WakeupException e) {
      // close() woke us.
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record, Instant now) {
    switch (record.topic()) {
      case Topics.MASKS -> {
        MaskEvent mask = masks.deserialize(record.topic(), record.value());
        // Shown before it counts: whoever sees all counted may look at what was shown.
        if (!seenBefore(mask.getOutcomeId())) {
          onMask.accept(mask);
          note(mask, now);
        }
      }
      case Topics.REGIONS -> {
        onRegion.accept(regions.deserialize(record.topic(), record.value()));
        synchronized (this) {
          regionCount++;
        }
      }
      default -> note(deadLetters.deserialize(record.topic(), record.value()), now);
    }
  }

  private synchronized boolean seenBefore(String outcomeId) {
    return outcomeIds.contains(outcomeId);
  }

  private synchronized void note(MaskEvent mask, Instant now) {
    outcomeIds.add(mask.getOutcomeId());
    maskCount++;
    regionsAnnounced += mask.getRegionCount();
    span(mask.getCapturedAt(), now);
    latencyMicros.recordValue(
        Math.max(0, Duration.between(mask.getCapturedAt(), now).toNanos() / 1_000));
    framesInBatches++;
    String source = mask.getOutcomeId().substring(0, mask.getOutcomeId().indexOf('@'));
    // A batch belongs to a run of the service, and the demo has only one.
    partitionsByBatch
        .computeIfAbsent(mask.getTimings().getBatchId(), id -> new HashSet<>())
        .add(source);
  }

  private synchronized void note(DeadLetterEvent deadLetter, Instant now) {
    if (!outcomeIds.add(deadLetter.getOutcomeId())) {
      return;
    }
    span(deadLetter.getCapturedAt() == null ? now : deadLetter.getCapturedAt(), now);
    deadLetterMessages.add(
        deadLetter.getReason() + " " + deadLetter.getFrameId() + ": " + deadLetter.getMessage());
  }

  private void span(Instant captured, Instant now) {
    firstCapture = captured.isBefore(firstCapture) ? captured : firstCapture;
    lastArrival = now;
  }
}
