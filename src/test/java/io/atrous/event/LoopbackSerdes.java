package io.atrous.event;

import io.atrous.embedded.LoopbackSchemaRegistry;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** Makes serdes of our own for the registry of a test. */
public final class LoopbackSerdes {

  private LoopbackSerdes() {}

  public static <T extends SpecificRecord> AvroEventSerde<T> serde(
      Class<T> type, LoopbackSchemaRegistry registry) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type);
    serde.configure(Map.of(SchemaRegistryConfig.URL, registry.url().toString()), false);
    return serde;
  }
}
