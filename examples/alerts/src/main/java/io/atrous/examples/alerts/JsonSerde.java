package io.atrous.examples.alerts;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes the program's own values, which nobody else reads, as JSON.
 *
 * <p><b>Threading:</b> thread-safe.
 */
record JsonSerde<T>(Class<T> type) implements Serde<T> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  @SuppressWarnings("NullAway") // No value is written for none: a tombstone.
  public Serializer<T> serializer() {
    return (topic, value) -> {
      try {
        return value == null ? null : JSON.writeValueAsBytes(value);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  @Override
  @SuppressWarnings("NullAway")
  public Deserializer<T> deserializer() {
    return (topic, bytes) -> {
      try {
        return bytes == null ? null : JSON.readValue(bytes, type);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }
}
