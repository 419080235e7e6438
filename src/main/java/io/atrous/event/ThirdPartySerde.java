package io.atrous.event;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's serde, or one that behaves like it, with our two kinds of failure. It wraps nearly
 * all of its failures into one exception, so which kind it was is read off the causes; what can't
 * be told apart counts as the registry's, since nothing may be dropped because of that.
 *
 * <p><b>Threading:</b> thread-safe. One serializer is shared, as a {@code KafkaProducer} shares its
 * own among threads; deserializers, which consumers use from one thread only, exist once for each
 * thread. Owns the serdes it wraps.
 */
final class ThirdPartySerde<T extends SpecificRecord> implements EventSerde<T> {

  /** Its name is all we know of it: the class is not on our class path. */
  private static final String REST_EXCEPTION = "RestClientException";

  private static final String SCHEMA_NOT_FOUND =
      "error code: " + SchemaRegistryException.SCHEMA_NOT_FOUND;

  /** More than the fixed part of any event. */
  private static final int SAMPLE_BYTES = 1 << 10;

  private final String setting;
  private final Class<T> type;
  private final Queue<Serde<?>> serdes = new ConcurrentLinkedQueue<>();
  private final Serializer<Object> serializer;
  private final ThreadLocal<Deserializer<?>> deserializers;

  /**
   * Wraps serdes of one class.
   *
   * @param setting the key and class that chose them, for messages
   * @param writing a configured serde, for all threads
   * @param reading the maker of configured serdes, one for each thread that reads
   */
  ThirdPartySerde(String setting, Class<T> type, Serde<?> writing, Supplier<Serde<?>> reading) {
    this.setting = setting;
    this.type = type;
    serdes.add(writing);
    @SuppressWarnings(
        "unchecked") // It takes any record: that is what configuring it for Avro means.
    Serializer<Object> anySerializer = (Serializer<Object>) writing.serializer();
    this.serializer = anySerializer;
    this.deserializers =
        ThreadLocal.withInitial(
            () -> {
              Serde<?> serde = reading.get();
              serdes.add(serde);
              return serde.deserializer();
            });
  }

  /** Writes a sample event, which makes the serde register or look up its schema. */
  @Override
  public void prepare(String topic) {
    try {
      serializer().serialize(topic, sample());
    } catch (SchemaRegistryException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ConfigException(
          "%s: it can't write a %s: %s".formatted(setting, type.getSimpleName(), e.getMessage()));
    }
  }

  /** In Avro's encoding zeros are empty texts, lists and maps, and the first of all choices. */
  private T sample() {
    SpecificData data = SpecificData.getForClass(type);
    try {
      return new SpecificDatumReader<T>(data.getSchema(type), data.getSchema(type), data)
          .read(null, DecoderFactory.get().binaryDecoder(new byte[SAMPLE_BYTES], null));
    } catch (IOException e) {
      throw new IllegalStateException(type + " has no sample", e);
    }
  }

  @Override
  public Serializer<T> serializer() {
    return this::serialize;
  }

  @Override
  public Deserializer<T> deserializer() {
    return this::deserialize;
  }

  private byte @Nullable [] serialize(String topic, @Nullable T event) {
    try {
      return serializer.serialize(topic, event);
    } catch (KafkaException e) {
      throw classified(e);
    }
  }

  private @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    Object event;
    try {
      event = deserializers.get().deserialize(topic, bytes);
    } catch (KafkaException e) {
      throw classified(e);
    } catch (RuntimeException | StackOverflowError e) {
      throw new InvalidEventException("The record can't be read: " + e, e);
    }
    if (event != null && !type.isInstance(event)) {
      throw new InvalidEventException(
          "The record is a " + event.getClass().getName() + ", not a " + type.getSimpleName());
    }
    return type.cast(event);
  }

  private static KafkaException classified(KafkaException e) {
    if (e instanceof RetriableException) {
      return unavailable(e, true);
    }
    if (e instanceof AuthenticationException || e instanceof AuthorizationException) {
      return unavailable(e, false);
    }
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getClass().getSimpleName().equals(REST_EXCEPTION)) {
        return String.valueOf(cause.getMessage()).endsWith(SCHEMA_NOT_FOUND)
            ? new InvalidEventException(messages(e), e)
            : unavailable(e, false);
      }
      if (cause instanceof SocketException
          || cause instanceof InterruptedIOException
          || cause instanceof UnknownHostException
          || cause instanceof SSLException) {
        return unavailable(e, true);
      }
    }
    return e instanceof SerializationException
        ? new InvalidEventException(messages(e), e)
        : unavailable(e, false);
  }

  private static SchemaRegistryException unavailable(KafkaException e, boolean retriable) {
    return new SchemaRegistryException(messages(e), retriable, 0, e);
  }

  private static String messages(KafkaException e) {
    Throwable cause = e.getCause();
    return cause == null
        ? String.valueOf(e.getMessage())
        : e.getMessage() + ": " + cause.getMessage();
  }

  @Override
  public void close() {
    serdes.forEach(Serde::close);
  }
}
