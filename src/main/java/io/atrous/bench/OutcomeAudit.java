package io.atrous.bench;

import io.atrous.event.MaskEvent;
import io.atrous.event.Topics;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * A consumer of what one service puts out from now on, that checks it: no frame left out, none
 * twice, no dead letter, and as many regions as the masks say.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the consumer.
 */
final class OutcomeAudit implements AutoCloseable {

  private static final List<String> TOPICS =
      List.of(Topics.MASKS, Topics.REGIONS, Topics.DEAD_LETTERS);

  private static final Duration LAST_POLL = Duration.ofMillis(200);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Deserializer<MaskEvent> deserializer;
  private final Map<String, BitSet> offsets = new HashMap<>();
  private long masks;
  private long regionsAnnounced;

  OutcomeAudit(KafkaConsumer<byte[], byte[]> consumer, Deserializer<MaskEvent> deserializer) {
    this.consumer = consumer;
    this.deserializer = deserializer;
    List<TopicPartition> partitions =
        TOPICS.stream().flatMap(topic -> partitions(topic).stream()).toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Ends are looked up when they are asked for, and must be those of now.
    partitions.forEach(consumer::position);
    readOnly(Topics.MASKS);
  }

  /** Returns the number of masks that have come. */
  long masks() {
    return masks;
  }

  /**
   * Reads what has come.
   *
   * @param seen is shown each mask
   */
  void poll(Duration timeout, Consumer<MaskEvent> seen) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
      MaskEvent mask = deserializer.deserialize(record.topic(), record.value());
      note(mask);
      seen.accept(mask);
    }
  }

  private void note(MaskEvent mask) {
    int at = mask.getOutcomeId().lastIndexOf('@');
    int offset = Integer.parseInt(mask.getOutcomeId().substring(at + 1));
    BitSet seen =
        offsets.computeIfAbsent(mask.getOutcomeId().substring(0, at), key -> new BitSet());
    if (seen.get(offset)) {
      throw new BenchFailedException(
          "The service answered frame " + mask.getOutcomeId() + " twice");
    }
    seen.set(offset);
    masks++;
    regionsAnnounced += mask.getRegionCount();
  }

  /**
   * Reads to the end of what a service has put out that has stopped.
   *
   * @throws BenchFailedException if something is missing, or is there that should not be
   */
  void finish() {
    while (!isAtEnd(Topics.MASKS)) {
      poll(LAST_POLL, mask -> {});
    }
    offsets.forEach(
        (source, seen) -> {
          if (seen.nextClearBit(0) != seen.length()) {
            throw new BenchFailedException(
                "The service left out frame " + source + "@" + seen.nextClearBit(0));
          }
        });
    long deadLetters = count(Topics.DEAD_LETTERS);
    if (deadLetters > 0) {
      throw new BenchFailedException("The service wrote " + deadLetters + " dead letters");
    }
    long regions = count(Topics.REGIONS);
    if (regions != regionsAnnounced) {
      throw new BenchFailedException(
          "The service wrote " + regions + " regions and announced " + regionsAnnounced);
    }
  }

  private long count(String topic) {
    readOnly(topic);
    long count = 0;
    while (!isAtEnd(topic)) {
      count += consumer.poll(LAST_POLL).count();
    }
    return count;
  }

  private boolean isAtEnd(String topic) {
    return consumer.endOffsets(partitions(topic)).entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private void readOnly(String topic) {
    consumer.pause(consumer.assignment());
    consumer.resume(partitions(topic));
  }

  private List<TopicPartition> partitions(String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
