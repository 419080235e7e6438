package io.atrous;

import io.atrous.event.AvroEventSerde;
import io.atrous.event.FrameEvent;
import io.atrous.event.MaskEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A camera and a consumer of masks, with Kafka's plain clients.
 *
 * @param client the settings of both
 * @param registry the settings of their serdes
 */
record RoundTrip(Map<String, ?> client, Map<String, ?> registry) {

  /** Sends frames with these ids, and returns when the brokers have them. */
  void send(String topic, List<String> frameIds) throws Exception {
    Map<String, Object> settings = new HashMap<>(client);
    try (AvroEventSerde<FrameEvent> serde = new AvroEventSerde<>(FrameEvent.class);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      serde.configure(registry, false);
      for (String frameId : frameIds) {
        byte[] value = serde.serializer().serialize(topic, BlankFrame.of(frameId));
        producer.send(new ProducerRecord<>(topic, value)).get();
      }
    }
  }

  /** Waits for masks, and returns their frames' ids in order; more may have come by then. */
  List<String> framesOfMasks(String topic, String groupId, int count) {
    Map<String, Object> settings = new HashMap<>(client);
    settings.put("group.id", groupId);
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    List<String> frameIds = new ArrayList<>();
    try (AvroEventSerde<MaskEvent> serde = new AvroEventSerde<>(MaskEvent.class);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      serde.configure(registry, false);
      consumer.subscribe(List.of(topic));
      while (frameIds.size() < count) {
        consumer
            .poll(Duration.ofSeconds(1))
            .forEach(
                mask ->
                    frameIds.add(
                        serde.deserializer().deserialize(topic, mask.value()).getFrameId()));
      }
    }
    return frameIds;
  }
}
