package io.atrous.event;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Events to Confluent's wire format: a zero byte, the schema's id as a big-endian int, Avro binary.
 * The registry is asked once per topic.
 *
 * <p><b>Threading:</b> thread-safe; each thread encodes into a buffer of its own.
 */
final class EventSerializer<T extends SpecificRecord> implements Serializer<T> {

  static final byte MAGIC_BYTE = 0;
  static final int HEADER_BYTES = 1 + Integer.BYTES;

  private static final int INITIAL_BUFFER_BYTES = 4 << 10;
  private static final int MAX_KEPT_BUFFER_BYTES = 1 << 20;

  /** Translates what was written with the event's own schema into another one. */
  private record Translation(DatumReader<GenericRecord> reader, DatumWriter<GenericRecord> writer) {

    Translation(Schema from, Schema to) {
      this(new GenericDatumReader<>(from, to), new GenericDatumWriter<>(to));
    }
  }

  /** What a topic's records are written with. */
  private record Target(int schemaId, @Nullable Translation translation) {}

  /** A thread's buffer and the encoder into it. */
  private static final class Scratch {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(INITIAL_BUFFER_BYTES);
    final BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);

    BinaryEncoder begin(int schemaId) {
      // Empties the encoder's own buffer, where an event that failed may have left something.
      EncoderFactory.get().binaryEncoder(bytes, encoder);
      bytes.reset();
      bytes.write(MAGIC_BYTE);
      bytes.write(schemaId >>> 24);
      bytes.write(schemaId >>> 16);
      bytes.write(schemaId >>> 8);
      bytes.write(schemaId);
      return encoder;
    }

    byte[] end() throws IOException {
      encoder.flush();
      byte[] message = bytes.toByteArray();
      if (message.length > MAX_KEPT_BUFFER_BYTES) {
        bytes = new ByteArrayOutputStream(INITIAL_BUFFER_BYTES);
      }
      return message;
    }
  }

  private final Schema portableSchema;
  private final DatumWriter<T> writer;
  private final SchemaRegistryClient registry;
  private final SubjectNameStrategy subjects;
  private final boolean isKey;
  private final boolean autoRegister;
  private final boolean useLatest;
  private final boolean latestStrict;
  private final Map<String, Target> targets = new ConcurrentHashMap<>();
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  EventSerializer(
      Class<T> type, SchemaRegistryConfig config, SchemaRegistryClient registry, boolean isKey) {
    SpecificData data = SpecificData.getForClass(type);
    this.portableSchema = EventSchemas.of(type);
    this.writer = new SpecificDatumWriter<>(data.getSchema(type), data);
    this.registry = registry;
    this.subjects = config.subjectNameStrategy(isKey);
    this.isKey = isKey;
    this.autoRegister = config.getBoolean(SchemaRegistryConfig.AUTO_REGISTER_SCHEMAS);
    this.useLatest = config.getBoolean(SchemaRegistryConfig.USE_LATEST_VERSION);
    this.latestStrict = config.getBoolean(SchemaRegistryConfig.LATEST_COMPATIBILITY_STRICT);
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T event) {
    if (event == null) {
      return null;
    }
    Target target = target(topic);
    try {
      byte[] message = encode(target.schemaId(), writer, event);
      Translation translation = target.translation();
      return translation == null ? message : translate(message, target.schemaId(), translation);
    } catch (IOException | RuntimeException e) {
      throw new InvalidEventException(
          String.format(
              Locale.ROOT,
              "The %s for topic %s can't be written: %s",
              portableSchema.getName(),
              topic,
              e.getMessage()),
          e);
    }
  }

  private <D> byte[] encode(int schemaId, DatumWriter<D> datumWriter, D datum) throws IOException {
    Scratch mine = scratch.get();
    datumWriter.write(datum, mine.begin(schemaId));
    return mine.end();
  }

  private byte[] translate(byte[] message, int schemaId, Translation translation)
      throws IOException {
    GenericRecord translated =
        translation
            .reader()
            .read(
                null,
                DecoderFactory.get()
                    .binaryDecoder(message, HEADER_BYTES, message.length - HEADER_BYTES, null));
    return encode(schemaId, translation.writer(), translated);
  }

  /** Asks the registry what to write the topic's records with, unless that is known already. */
  Target target(String topic) {
    Target target = targets.get(topic);
    if (target == null) {
      // Not inside computeIfAbsent: that would hold a lock during a request.
      target = askForTarget(subjects.subject(topic, portableSchema.getFullName(), isKey));
      targets.put(topic, target);
    }
    return target;
  }

  private Target askForTarget(String subject) {
    if (useLatest) {
      return latestTarget(subject);
    }
    try {
      return new Target(
          autoRegister
              ? registry.register(subject, portableSchema)
              : registry.idOf(subject, portableSchema),
          null);
    } catch (SchemaRegistryException e) {
      throw explained(subject, e);
    }
  }

  private Target latestTarget(String subject) {
    SchemaRegistryClient.RegisteredSchema latest;
    try {
      latest = registry.latestVersion(subject);
    } catch (SchemaRegistryException e) {
      throw explained(subject, e);
    }
    if (latest.schema().equals(portableSchema)) {
      return new Target(latest.id(), null);
    }
    if (latestStrict
        && SchemaCompatibility.checkReaderWriterCompatibility(latest.schema(), portableSchema)
                .getType()
            != SchemaCompatibilityType.COMPATIBLE) {
      throw new SchemaRegistryException(
          String.format(
              Locale.ROOT,
              "Version %d of subject %s can't read every %s this version of Atrous writes: register"
                  + " the schema of this version, or set %s=false.",
              latest.version(),
              subject,
              portableSchema.getName(),
              SchemaRegistryConfig.USE_LATEST_VERSION),
          false,
          0,
          null);
    }
    return new Target(latest.id(), new Translation(portableSchema, latest.schema()));
  }

  /** Says what to do where the registry's own words don't. */
  private SchemaRegistryException explained(String subject, SchemaRegistryException e) {
    String advice =
        switch (e.errorCode()) {
          case SchemaRegistryException.SUBJECT_NOT_FOUND,
              SchemaRegistryException.VERSION_NOT_FOUND,
              SchemaRegistryException.SCHEMA_NOT_FOUND ->
              String.format(
                  Locale.ROOT,
                  "Subject %s doesn't hold the schema of %s: register it"
                      + " (schemas/released), or set %s=true. ",
                  subject,
                  portableSchema.getName(),
                  SchemaRegistryConfig.AUTO_REGISTER_SCHEMAS);
          case SchemaRegistryException.INCOMPATIBLE_SCHEMA ->
              String.format(
                  Locale.ROOT,
                  "Subject %s holds a schema that this version's %s isn't compatible with: write to"
                      + " another topic, or clean up the subject. ",
                  subject,
                  portableSchema.getName());
          default -> null;
        };
    return advice == null
        ? e
        : new SchemaRegistryException(advice + e.getMessage(), e.isRetriable(), e.errorCode(), e);
  }
}
