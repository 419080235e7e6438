package io.atrous.event;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Does what Confluent's {@code SpecificAvroSerde} does, around Confluent's real classes. */
public final class ConfluentSerde implements Serde<Object> {

  private final ConfluentClasses confluent;
  private @Nullable Serializer<Object> serializer;
  private @Nullable Deserializer<Object> deserializer;

  public ConfluentSerde() throws IOException {
    this.confluent = new ConfluentClasses();
  }

  @Override
  public void configure(Map<String, ?> configuration, boolean isKey) {
    serializer = confluent.serializer(configuration);
    deserializer = confluent.deserializer(configuration);
  }

  @Override
  public Serializer<Object> serializer() {
    return configured(serializer);
  }

  @Override
  public Deserializer<Object> deserializer() {
    return configured(deserializer);
  }

  private static <P> P configured(@Nullable P part) {
    if (part == null) {
      throw new IllegalStateException("not configured");
    }
    return part;
  }

  @Override
  public void close() {
    try {
      confluent.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
