package io.atrous;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Cameras on every partition, and a consumer that sees only what is committed.
 *
 * <p><b>Threading:</b> confined to one thread. Owns a producer and a consumer.
 */
final class Traffic implements AutoCloseable {

  /** Tells a frame from the canary and the warm-up. */
  private static final byte PIXEL = 77;

  private static final int MAX_UNANSWERED = 20;

  private final String framesTopic;
  private final String masksTopic;
  private final int side;
  private final AvroEventSerde<FrameEvent> frames;
  private final AvroEventSerde<MaskEvent> masks;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<Camera> cameras;
  private final Set<String> outcomeIds = new HashSet<>();
  private int answeredTwice;

  /**
   * The frames of a partition, and their answers.
   *
   * @param sentNanos the time at which each frame was sent, by its offset
   * @param answers the first answer of each frame, in the order in which they came
   */
  record Camera(List<Long> sentNanos, List<Answer> answers) {

    private int unanswered() {
      return sentNanos.size() - answers.size();
    }

    private Duration longestWait() {
      return Duration.ofNanos(
          answers.stream()
              .mapToLong(answer -> answer.nanos - sentNanos.get((int) answer.offset))
              .max()
              .orElse(0));
    }

    List<Long> offsets() {
      return answers.stream().map(Answer::offset).toList();
    }

    /** The models that labelled the frames, each once per stretch. */
    List<String> models() {
      List<String> models = new ArrayList<>();
      for (Answer answer : answers) {
        if (models.isEmpty() || !models.get(models.size() - 1).equals(answer.model)) {
          models.add(answer.model);
        }
      }
      return models;
    }
  }

  /**
   * A mask.
   *
   * @param offset the place of its frame in the partition
   * @param model the digest of the model that labelled it
   * @param nanos the time at which it was read
   */
  record Answer(long offset, String model, long nanos) {}

  /**
   * Opens it; nothing is sent yet.
   *
   * @param side the width and height in pixels of the frames
   */
  Traffic(ServiceEnvironment environment, int partitions, int side) {
    this.side = side;
    framesTopic = environment.frames();
    masksTopic = environment.masks();
    frames = environment.serde(FrameEvent.class);
    frames.prepare(framesTopic);
    masks = environment.serde(MaskEvent.class);
    producer = environment.producer();
    consumer = environment.consumer(masksTopic);
    cameras =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new Camera(new ArrayList<>(), new ArrayList<>()))
            .toList();
  }

  List<Camera> cameras() {
    return cameras;
  }

  /** The number of answers that came although their frame had one. */
  int answeredTwice() {
    return answeredTwice;
  }

  /** The longest time between a frame and its answer. */
  Duration longestWait() {
    return cameras.stream().map(Camera::longestWait).max(Duration::compareTo).orElse(Duration.ZERO);
  }

  /** Sends frames to all partitions and reads masks, again and again. */
  void flowUntil(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      for (int partition = 0; partition < cameras.size(); partition++) {
        if (cameras.get(partition).unanswered() < MAX_UNANSWERED) {
          send(partition);
        }
      }
      read();
    }
  }

  /** Flows until every partition has that many answers more. */
  void flowFor(int answers) {
    List<Integer> goals = cameras.stream().map(camera -> camera.answers.size() + answers).toList();
    flowUntil(
        () ->
            IntStream.range(0, goals.size())
                .allMatch(i -> cameras.get(i).answers.size() >= goals.get(i)));
  }

  /** Flows while something is done on another thread. */
  void flowDuring(Runnable work) {
    CompletableFuture<Void> done = CompletableFuture.runAsync(work);
    flowUntil(done::isDone);
    done.join();
  }

  /** Reads until every frame has its mask. */
  void finish() {
    while (cameras.stream().anyMatch(camera -> camera.unanswered() > 0)) {
      read();
    }
  }

  private void send(int partition) {
    List<Long> sentNanos = cameras.get(partition).sentNanos;
    byte[] pixels = new byte[side * side];
    Arrays.fill(pixels, PIXEL);
    byte[] value =
        frames
            .serializer()
            .serialize(
                framesTopic,
                FrameEvent.newBuilder()
                    .setFrameId("frame-" + sentNanos.size())
                    .setCameraId("camera-" + partition)
                    .setSequence(sentNanos.size())
                    .setCapturedAt(Instant.EPOCH)
                    .setEncoding(FrameEncoding.GRAY8)
                    .setWidth(side)
                    .setHeight(side)
                    .setPayload(ByteBuffer.wrap(pixels))
                    .setAttributes(Map.of())
                    .build());
    sentNanos.add(System.nanoTime());
    var unused =
        producer.send(
            new ProducerRecord<>(
                framesTopic, partition, ("camera-" + partition).getBytes(UTF_8), value));
  }

  private void read() {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
      MaskEvent mask = masks.deserializer().deserialize(masksTopic, record.value());
      if (outcomeIds.add(mask.getOutcomeId())) {
        String[] place = mask.getOutcomeId().split("[/@]", 3);
        cameras
            .get(Integer.parseInt(place[1]))
            .answers
            .add(
                new Answer(
                    Long.parseLong(place[2]), mask.getModel().getSha256(), System.nanoTime()));
      } else {
        answeredTwice++;
      }
    }
  }

  @Override
  public void close() {
    producer.close();
    consumer.close();
    frames.close();
    masks.close();
  }
}
