package io.atrous.embedded;

import io.atrous.event.FrameEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Sends cameras' frames, under their cameras' ids as keys, and counts what the broker has of them.
 *
 * <p><b>Threading:</b> thread-safe. Owns the producer.
 */
public final class FrameSender implements AutoCloseable {

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Producer<byte[], byte[]> producer;
  private final Serializer<FrameEvent> serializer;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  public FrameSender(Producer<byte[], byte[]> producer, Serializer<FrameEvent> serializer) {
    this.producer = producer;
    this.serializer = serializer;
  }

  /** The record's value for a frame. */
  public byte[] serialize(String topic, FrameEvent frame) {
    return serializer.serialize(topic, frame);
  }

  /** Sends a frame. */
  public void send(String topic, int partition, FrameEvent frame) {
    send(topic, partition, frame.getCameraId(), serialize(topic, frame), metadata -> {});
  }

  /**
   * Sends a record that need not be a valid frame.
   *
   * @param onAcknowledged hears where the broker has put it, on the producer's thread
   */
  public void send(
      String topic,
      int partition,
      String cameraId,
      byte[] value,
      Consumer<RecordMetadata> onAcknowledged) {
    send(new ProducerRecord<>(topic, partition, key(cameraId), value), onAcknowledged, e -> {});
  }

  /**
   * Sends a frame to the partition of its camera's id. Returns where the broker has put it, on the
   * producer's thread, or why not; if the producer did not even take it, at once.
   */
  public CompletableFuture<RecordMetadata> sendByKey(String topic, FrameEvent frame) {
    CompletableFuture<RecordMetadata> end = new CompletableFuture<>();
    send(
        new ProducerRecord<>(topic, key(frame.getCameraId()), serialize(topic, frame)),
        end::complete,
        end::completeExceptionally);
    return end;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The callback hears how it ends.
  private void send(
      ProducerRecord<byte[], byte[]> frame,
      Consumer<RecordMetadata> onAcknowledged,
      Consumer<Exception> onFailed) {
    sent.incrementAndGet();
    producer.send(
        frame,
        (metadata, exception) -> {
          if (exception == null) {
            onAcknowledged.accept(metadata);
            acknowledged.incrementAndGet();
          } else {
            sent.decrementAndGet();
            failure.compareAndSet(null, exception);
            onFailed.accept(exception);
          }
        });
  }

  private static byte[] key(String cameraId) {
    return cameraId.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the number of records that the broker has or may get yet: those that did not fail. */
  public long sent() {
    return sent.get();
  }

  /** Returns the number of records that the broker has. */
  public long acknowledged() {
    return acknowledged.get();
  }

  /** The first failure of a record that was sent. */
  public Optional<Exception> failure() {
    return Optional.ofNullable(failure.get());
  }

  /** Returns once the broker has each record that was sent, unless it failed. */
  public void flush() {
    producer.flush();
  }

  /** Gives up what the broker doesn't have after two seconds. */
  @Override
  public void close() {
    producer.close(CLOSE_TIMEOUT);
  }
}
