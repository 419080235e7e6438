package io.atrous.event;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's wire format to events. The writer's schema comes from the registry, once per id; what
 * it wrote is resolved to the event's own schema. Bytes of strangers are expected: whatever they
 * are, the outcome is an event, an {@link InvalidEventException} or, if the registry fails, a
 * {@link SchemaRegistryException}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class EventDeserializer<T extends SpecificRecord> implements Deserializer<T> {

  private final SpecificData data;
  private final Schema readerSchema;
  private final SchemaRegistryClient registry;
  private final SchemaIdCache<DatumReader<T>> readers;

  EventDeserializer(Class<T> type, SchemaRegistryClient registry) {
    this.data = SpecificData.getForClass(type);
    this.readerSchema = data.getSchema(type);
    this.registry = registry;
    this.readers =
        new SchemaIdCache<>(
            id -> UnitAwareReader.of(writerSchema(id), readerSchema, data), System::nanoTime);
  }

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    DatumReader<T> reader = readers.get(schemaId(bytes));
    int bodyBytes = bytes.length - EventSerializer.HEADER_BYTES;
    try {
      BinaryDecoder body =
          DecoderFactory.get().binaryDecoder(bytes, EventSerializer.HEADER_BYTES, bodyBytes, null);
      T event = reader.read(null, body);
      if (!body.isEnd()) {
        throw new InvalidEventException(
            String.format(
                Locale.ROOT,
                "The record goes on after its %s has ended: of %d bytes %d are left",
                readerSchema.getName(),
                bodyBytes,
                body.remainingBytes()));
      }
      return event;
    } catch (InvalidEventException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Avro's own words for bad bytes are as various as AvroTypeException,
      // IndexOutOfBoundsException and UnsupportedOperationException.
      throw new InvalidEventException(
          String.format(
              Locale.ROOT,
              "The record's bytes are no %s in the schema they name (%s)",
              readerSchema.getName(),
              e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    }
  }

  private static int schemaId(byte[] bytes) {
    if (bytes.length < EventSerializer.HEADER_BYTES) {
      throw new InvalidEventException(
          String.format(
              Locale.ROOT,
              "The record has %d bytes; Confluent's wire format begins with a header of %d",
              bytes.length,
              EventSerializer.HEADER_BYTES));
    }
    if (bytes[0] != EventSerializer.MAGIC_BYTE) {
      throw new InvalidEventException(
          String.format(
              Locale.ROOT,
              "The record begins with byte 0x%02x; Confluent's wire format begins with 0x00",
              bytes[0]));
    }
    int id = ByteBuffer.wrap(bytes).getInt(1);
    if (id < 0) {
      throw new InvalidEventException(
          String.format(Locale.ROOT, "The record names schema id %d; ids aren't negative", id));
    }
    return id;
  }

  private Schema writerSchema(int schemaId) {
    Schema schema = registry.schemaById(schemaId);
    if (schema.getType() != Schema.Type.RECORD || !isCalledLikeOurs(schema)) {
      throw new InvalidEventException(
          String.format(
              Locale.ROOT,
              "The record is a %s (schema id %d), not a %s",
              schema.getFullName(),
              schemaId,
              readerSchema.getName()));
    }
    return schema;
  }

  /** Avro's rule: the names without their name spaces must be the same. */
  private boolean isCalledLikeOurs(Schema schema) {
    return schema.getName().equals(readerSchema.getName())
        || readerSchema.getAliases().contains(schema.getFullName());
  }
}
