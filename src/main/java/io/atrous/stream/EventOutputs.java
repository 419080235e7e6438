package io.atrous.stream;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Where events go and how they are encoded.
 *
 * <p><b>Threading:</b> thread-safe, as the serializers must be.
 */
public record EventOutputs(
    Output<MaskEvent> masks, Output<RegionEvent> regions, Output<DeadLetterEvent> deadLetters) {

  /** One kind of event, its topic and its encoding. */
  public record Output<T>(String topic, Serializer<T> serializer) {

    byte[] encode(T event) {
      return serializer.serialize(topic, event);
    }
  }
}
