package io.atrous.stream;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.internals.DefaultKafkaClientSupplier;

/** Real clients, except that one send fails as sends do when the broker is slow: it times out. */
final class FailingSend extends DefaultKafkaClientSupplier {

  private static final int NO_SUCH_PARTITION = 1_000;

  /** How a send fails. */
  enum Manner {
    /** In the producer, which gives its transaction up. */
    IN_EARNEST,
    /** Only as Streams is told; the producer knows nothing of it. */
    AS_REPORTED
  }

  private final Manner manner;
  private final String topic;
  private final int failing;
  private final AtomicInteger sends = new AtomicInteger();

  /**
   * @param failing which send to the topic fails, from 1
   */
  FailingSend(Manner manner, String topic, int failing) {
    this.manner = manner;
    this.topic = topic;
    this.failing = failing;
  }

  boolean hasFailed() {
    return sends.get() >= failing;
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()) {
      @Override
      public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        if (!record.topic().equals(topic) || sends.incrementAndGet() != failing) {
          return super.send(record, callback);
        }
        if (manner == Manner.AS_REPORTED) {
          TimeoutException timeout = new TimeoutException("as reported");
          callback.onCompletion(null, timeout);
          return CompletableFuture.failedFuture(timeout);
        }
        // The producer waits max.block.ms for a partition that doesn't exist, and times out.
        return super.send(
            new ProducerRecord<>(topic, NO_SUCH_PARTITION, record.key(), record.value()), callback);
      }
    };
  }
}
