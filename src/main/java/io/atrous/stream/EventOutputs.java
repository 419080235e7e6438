package io.atrous.stream;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.event.SchemaRegistryClient;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Where events go and how they are encoded.
 *
 * <p><b>Threading:</b> thread-safe, as the serializers must be.
 */
public record EventOutputs(
    Output<MaskEvent> masks, Output<RegionEvent> regions, Output<DeadLetterEvent> deadLetters) {

  /**
   * Registers or looks up the schemas of all outputs.
   *
   * @param settings of the registry, under Confluent's names
   * @param registry shared by the serializers; stays the caller's
   * @throws io.atrous.event.SchemaRegistryException if the registry fails or disagrees
   */
  public static EventOutputs prepare(
      String masksTopic,
      String regionsTopic,
      String deadLettersTopic,
      Map<String, ?> settings,
      SchemaRegistryClient registry) {
    return new EventOutputs(
        output(MaskEvent.class, masksTopic, settings, registry),
        output(RegionEvent.class, regionsTopic, settings, registry),
        output(DeadLetterEvent.class, deadLettersTopic, settings, registry));
  }

  private static <T extends SpecificRecord> Output<T> output(
      Class<T> type, String topic, Map<String, ?> settings, SchemaRegistryClient registry) {
    AvroEventSerde<T> serde = new AvroEventSerde<>(type, registry);
    serde.configure(settings, false);
    serde.prepare(topic);
    return new Output<>(topic, serde.serializer());
  }

  /** One kind of event, its topic and its encoding. */
  public record Output<T>(String topic, Serializer<T> serializer) {

    byte[] encode(T event) {
      return serializer.serialize(topic, event);
    }
  }
}
