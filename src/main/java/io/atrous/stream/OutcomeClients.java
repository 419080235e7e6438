package io.atrous.stream;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the clients of Kafka Streams, with producers that note which outcomes the brokers refuse.
 *
 * <p>Streams answers a refused record with the end of its thread, or goes on as if it had been
 * written. Neither will do: the record's frame must be read again and get another outcome. So
 * Streams is told that the producer has been fenced. Then it gives up all that the thread has not
 * committed, in the transaction under exactly-once, takes its partitions again, and goes on from
 * the committed offsets.
 *
 * <p><b>Threading:</b> thread-safe, as its clients are as far as Kafka's are.
 */
public class OutcomeClients implements KafkaClientSupplier {

  /** What a broker, or the producer before it, says of a single record for good. */
  private static final List<Class<? extends KafkaException>> REFUSALS =
      List.of(
          InvalidTimestampException.class,
          InvalidRecordException.class,
          RecordTooLargeException.class,
          RecordBatchTooLargeException.class);

  private final RefusedOutcomes refused;

  public OutcomeClients(RefusedOutcomes refused) {
    this.refused = refused;
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new NotingProducer(config, refused);
  }

  /** A producer that notes refusals, of one record in a transaction. */
  private static final class NotingProducer extends KafkaProducer<byte[], byte[]> {

    private final RefusedOutcomes refused;
    private final boolean transactional;

    /**
     * True once a record of the transaction has been refused. From then on the producer gives up
     * what it has not sent, with the same exception, which blames nobody.
     */
    private volatile boolean blamed;

    NotingProducer(Map<String, Object> config, RefusedOutcomes refused) {
      super(config, new ByteArraySerializer(), new ByteArraySerializer());
      this.refused = refused;
      this.transactional = config.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG) != null;
    }

    @Override
    public void beginTransaction() {
      blamed = false;
      super.beginTransaction();
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
      OutgoingRecord outgoing = OutgoingRecord.current();
      try {
        return super.send(
            record,
            (metadata, failure) ->
                callback.onCompletion(
                    metadata, failure == null ? null : judged(outgoing, record.topic(), failure)));
      } catch (KafkaException e) {
        // The transaction has failed since, and its callback may not have been called yet.
        throw isRefusal(e.getCause()) ? new KafkaException(e.getMessage(), fenced(e)) : e;
      }
    }

    /** Returns what Streams is told. */
    private Exception judged(@Nullable OutgoingRecord outgoing, String topic, Exception failure) {
      boolean isRefusal = outgoing != null && isRefusal(failure);
      if (outgoing != null && isRefusal && !(transactional && blamed)) {
        blamed = true;
        refused.note(outgoing, topic, (RuntimeException) failure);
      }
      // The neighbours of a refused record in its batch get an exception of no particular kind.
      boolean beginsAgain =
          (isRefusal || failure.getClass() == KafkaException.class) && !refused.isHopeless();
      return beginsAgain ? fenced(failure) : failure;
    }
  }

  private static boolean isRefusal(@Nullable Throwable failure) {
    return REFUSALS.stream().anyMatch(refusal -> refusal.isInstance(failure));
  }

  private static ProducerFencedException fenced(Exception refusal) {
    return new ProducerFencedException(
        "An outcome was refused, its thread begins again: " + refusal.getMessage());
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
