package io.atrous.deadletter;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.RecordHeader;
import io.atrous.settings.ClientSettings;
import io.atrous.settings.Cluster;
import io.atrous.settings.TopicKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the frames of dead letters again, to the topics and partitions they came from, with their
 * keys, timestamps and headers. The header {@value #HEADER} counts the times.
 *
 * <p>A letter that appears several times (at least once) is replayed once. Replaying the same
 * letters in another run sends them another time.
 *
 * <p><b>Threading:</b> confined to one thread; the producer's callbacks come on its own.
 */
public final class DeadLetterReplay {

  /** Says how often a frame was replayed: a decimal number in ASCII. */
  public static final String HEADER = "atrous.replay";

  private final Predicate<String> isInput;
  private final @Nullable Producer<byte[], byte[]> producer;
  private final Map<String, Integer> partitionsByTopic = new HashMap<>();
  private final Set<String> outcomeIds = new HashSet<>();
  private final Failures failures = new Failures();

  private long replayed;
  private long truncated;
  private long elsewhere;
  private long repeated;

  private DeadLetterReplay(Predicate<String> isInput, @Nullable Producer<byte[], byte[]> producer) {
    this.isInput = isInput;
    this.producer = producer;
  }

  /**
   * What came of it.
   *
   * @param matched how many dead letters the filter let through
   * @param replayed how many frames were sent, and are written; in a dry run, would be sent
   * @param truncated letters that don't hold their whole source, so nothing can be sent
   * @param elsewhere letters of topics that don't exist, or that aren't among those which the
   *     configuration reads frames from, if it names any
   * @param repeated letters of frames that had one before in this reading
   * @param unreadable records of the topic that were no dead letters
   */
  public record Summary(
      long matched,
      long replayed,
      long truncated,
      long elsewhere,
      long repeated,
      long unreadable) {}

  /**
   * Replays what the filter lets through, and returns when the brokers have it.
   *
   * @param config {@link io.atrous.settings.ServiceConfig#forTools} or more
   * @param limit how many letters to look at, at most, of those that match
   * @param dryRun count, but send nothing
   * @param nanoTime the clock that says when the brokers have stopped answering
   * @throws io.atrous.settings.StartException if the cluster, the topic or the registry can't be
   *     used
   * @throws DeadLettersFailedException if some frames could not be sent; the others were
   */
  public static Summary run(
      AbstractConfig config,
      DeadLetterFilter filter,
      long limit,
      boolean dryRun,
      LongSupplier nanoTime) {
    try (DeadLetterTopic letters = DeadLetterTopic.open(config, nanoTime);
        Producer<byte[], byte[]> producer = dryRun ? null : producer(config)) {
      DeadLetterReplay replay = new DeadLetterReplay(inputs(config), producer);
      DeadLetterTopic.Summary read = letters.read(filter, limit, replay::take);
      if (producer != null) {
        producer.flush();
      }
      return replay.summary(read);
    }
  }

  private static Predicate<String> inputs(AbstractConfig config) {
    Set<String> existing = Cluster.topics(config);
    return TopicKeys.framesIfNamed(config)
        .<Predicate<String>>map(
            frames -> topic -> frames.contains(topic) && existing.contains(topic))
        .orElse(existing::contains);
  }

  private static Producer<byte[], byte[]> producer(AbstractConfig config) {
    Map<String, Object> settings = ClientSettings.producer(config);
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Summary summary(DeadLetterTopic.Summary read) {
    long failed = failures.count();
    if (failed > 0) {
      throw new DeadLettersFailedException(
          "%d of %d frames could not be sent: %s"
              .formatted(failed, replayed, failures.firstMessage()),
          failures.first());
    }
    return new Summary(read.matched(), replayed, truncated, elsewhere, repeated, read.unreadable());
  }

  /** Goes on as long as frames can be sent. */
  private boolean take(DeadLetterEvent letter) {
    if (!outcomeIds.add(letter.getOutcomeId())) {
      repeated++;
    } else if (!isInput.test(letter.getSourceTopic())) {
      elsewhere++;
    } else if (letter.getSourceTruncated()) {
      truncated++;
    } else {
      replayed++;
      if (producer != null) {
        send(producer, letter);
      }
    }
    return failures.count() == 0;
  }

  private void send(Producer<byte[], byte[]> to, DeadLetterEvent letter) {
    try {
      int partitions =
          partitionsByTopic.computeIfAbsent(
              letter.getSourceTopic(), topic -> to.partitionsFor(topic).size());
      var unused =
          to.send(
              record(letter, partitions),
              (metadata, failure) -> {
                if (failure != null) {
                  failures.add(failure);
                }
              });
    } catch (KafkaException e) {
      failures.add(e);
    }
  }

  /** Where it came from, whatever partitioner its producer has; by its key if that is gone. */
  @SuppressWarnings(
      "NullAway") // Kafka takes null for "no key", "no value", "now", "any partition".
  private static ProducerRecord<byte[], byte[]> record(DeadLetterEvent letter, int partitions) {
    long timestampMillis = letter.getSourceTimestamp().toEpochMilli();
    return new ProducerRecord<>(
        letter.getSourceTopic(),
        letter.getSourcePartition() < partitions ? letter.getSourcePartition() : null,
        timestampMillis < 0 ? null : timestampMillis,
        bytes(letter.getSourceKey()),
        bytes(letter.getSourceValue()),
        headers(letter));
  }

  private static RecordHeaders headers(DeadLetterEvent letter) {
    RecordHeaders headers = new RecordHeaders();
    for (RecordHeader header : letter.getSourceHeaders()) {
      if (!header.getKey().equals(HEADER)) {
        headers.add(header.getKey(), bytes(header.getValue()));
      }
    }
    String count = String.valueOf(replays(letter) + 1);
    headers.add(HEADER, count.getBytes(StandardCharsets.US_ASCII));
    return headers;
  }

  /** How often the letter's frame had been replayed before it failed. */
  public static int replays(DeadLetterEvent letter) {
    int replays = 0;
    for (RecordHeader header : letter.getSourceHeaders()) {
      if (header.getKey().equals(HEADER) && header.getValue() != null) {
        String text = StandardCharsets.US_ASCII.decode(header.getValue().duplicate()).toString();
        replays = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
      }
    }
    return replays;
  }

  private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** What the producer could not send. */
  private static final class Failures {

    private long count;
    private @Nullable Exception first;

    synchronized void add(Exception failure) {
      if (count++ == 0) {
        first = failure;
      }
    }

    synchronized long count() {
      return count;
    }

    synchronized @Nullable Exception first() {
      return first;
    }

    synchronized String firstMessage() {
      return first == null ? "" : String.valueOf(first.getMessage());
    }
  }
}
