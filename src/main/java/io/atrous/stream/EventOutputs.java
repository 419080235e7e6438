package io.atrous.stream;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.EventSerde;
import io.atrous.event.EventSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Where events go, how they are encoded, and what their topics take.
 *
 * <p><b>Threading:</b> thread-safe, as the serializers must be.
 */
public record EventOutputs(
    Output<MaskEvent> masks,
    Output<RegionEvent> regions,
    Output<DeadLetterEvent> deadLetters,
    OutputTopics topics) {

  /**
   * Registers or looks up the schemas of all outputs.
   *
   * @param serdes make the serializers, and stay the caller's
   * @param topics what the topics take
   * @throws io.atrous.event.SchemaRegistryException if the registry fails or disagrees
   */
  public static EventOutputs prepare(
      String masksTopic,
      String regionsTopic,
      String deadLettersTopic,
      EventSerdes serdes,
      OutputTopics topics) {
    return new EventOutputs(
        output(MaskEvent.class, masksTopic, serdes),
        output(RegionEvent.class, regionsTopic, serdes),
        output(DeadLetterEvent.class, deadLettersTopic, serdes),
        topics);
  }

  private static <T extends SpecificRecord> Output<T> output(
      Class<T> type, String topic, EventSerdes serdes) {
    EventSerde<T> serde = serdes.serde(type);
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
