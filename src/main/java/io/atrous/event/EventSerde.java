package io.atrous.event;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * Reads and writes one event type. It throws {@link InvalidEventException} for a bad record or
 * event, and {@link SchemaRegistryException} if the registry fails.
 *
 * <p><b>Threading:</b> thread-safe once it is configured.
 */
public interface EventSerde<T extends SpecificRecord> extends Serde<T> {

  /**
   * Registers or looks up now what the topic will be written with, so that a registry that is
   * missing or disagrees shows at the start and not at the first event.
   */
  void prepare(String topic);
}
