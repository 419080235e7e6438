package io.atrous.event;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.ResolvingDecoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads events whose timestamps the writer may have counted in another unit than ours. Avro itself
 * takes the writer's number as it is, so milliseconds would pass for microseconds.
 *
 * <p>A number without a logical type counts in our unit, as the event's documentation says. A
 * logical type that names no moment, such as {@code local-timestamp-micros} or {@code date}, is
 * refused.
 *
 * <p><b>Threading:</b> as {@link SpecificDatumReader}.
 */
final class UnitAwareReader<T extends SpecificRecord> extends SpecificDatumReader<T> {

  private static final String LOGICAL_TYPE = "logicalType";

  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "timestamp-millis", ChronoUnit.MILLIS,
          "timestamp-micros", ChronoUnit.MICROS,
          "timestamp-nanos", ChronoUnit.NANOS);

  /** The units of the writer, for our timestamps that it counts otherwise. */
  private final Map<Schema.Field, ChronoUnit> foreignUnits;

  private UnitAwareReader(
      Schema writer, Schema reader, SpecificData data, Map<Schema.Field, ChronoUnit> foreignUnits) {
    super(writer, reader, data);
    this.foreignUnits = foreignUnits;
  }

  /**
   * Makes a reader; if the writer's units are ours, it is Avro's own.
   *
   * @throws InvalidEventException if the writer's schema has something else where our event has a
   *     timestamp
   */
  static <T extends SpecificRecord> DatumReader<T> of(
      Schema writer, Schema reader, SpecificData data) {
    Map<Schema.Field, ChronoUnit> foreignUnits = new HashMap<>();
    for (Schema.Field field : reader.getFields()) {
      if (isTimestamp(field.schema())) {
        writtenField(writer, field)
            .map(UnitAwareReader::logicalType)
            .map(written -> unit(field, written))
            .filter(unit -> unit != ownUnit(field))
            .ifPresent(unit -> foreignUnits.put(field, unit));
      }
    }
    return foreignUnits.isEmpty()
        ? new SpecificDatumReader<>(writer, reader, data)
        : new UnitAwareReader<>(writer, reader, fieldByField(data), foreignUnits);
  }

  /** Avro's fast reader would never ask {@link #readField}. */
  private static SpecificData fieldByField(SpecificData data) {
    SpecificData result = new SpecificData(data.getClassLoader());
    data.getConversions().forEach(result::addLogicalTypeConversion);
    result.setFastReaderEnabled(false);
    return result;
  }

  private static boolean isTimestamp(Schema schema) {
    return schema.getLogicalType() instanceof LogicalTypes.TimestampMillis
        || schema.getLogicalType() instanceof LogicalTypes.TimestampMicros;
  }

  private static ChronoUnit unit(Schema.Field field, String written) {
    ChronoUnit unit = UNITS.get(written);
    if (unit == null) {
      throw new InvalidEventException(
          "In the record's schema %s is a %s, which names no moment"
              .formatted(field.name(), written));
    }
    return unit;
  }

  private static Optional<Schema.Field> writtenField(Schema writer, Schema.Field field) {
    return Stream.concat(Stream.of(field.name()), field.aliases().stream())
        .map(writer::getField)
        .filter(Objects::nonNull)
        .findFirst();
  }

  /** The logical type of a number, or of the number in a union; null if there is none. */
  private static @Nullable String logicalType(Schema.Field written) {
    Schema schema = written.schema();
    return (schema.isUnion() ? schema.getTypes() : List.of(schema))
        .stream()
            .filter(type -> type.getType() == Schema.Type.LONG || type.getType() == Schema.Type.INT)
            .map(type -> type.getProp(LOGICAL_TYPE))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
  }

  @Override
  protected void readField(
      Object record, Schema.Field field, Object old, ResolvingDecoder in, Object state)
      throws IOException {
    ChronoUnit unit = foreignUnits.get(field);
    if (unit == null) {
      super.readField(record, field, old, in, state);
    } else {
      // Less than a unit of ours can't be written again.
      Instant moment = Instant.EPOCH.plus(in.readLong(), unit).truncatedTo(ownUnit(field));
      getData().setField(record, field.name(), field.pos(), moment);
    }
  }

  private static ChronoUnit ownUnit(Schema.Field field) {
    return Objects.requireNonNull(UNITS.get(field.schema().getProp(LOGICAL_TYPE)));
  }
}
