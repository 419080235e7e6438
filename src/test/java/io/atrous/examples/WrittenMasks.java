package io.atrous.examples;

import io.atrous.embedded.EmbeddedKafka;
import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.ClassSummary;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.MaskEncoding;
import io.atrous.event.MaskEvent;
import io.atrous.event.ModelReference;
import io.atrous.event.ResizePolicy;
import io.atrous.event.Timings;
import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Masks as the service writes them, one of each encoding, and one whose transaction was aborted.
 *
 * @param topic where they go, and the name of the transaction
 * @param labels of all
 */
@SuppressWarnings({
  "ArrayRecordComponent",
  "FutureReturnValueIgnored"
}) // A commit fails if a send did.
record WrittenMasks(String topic, byte[] labels) {

  static final int WIDTH = 40;
  static final int HEIGHT = 30;

  void send(EmbeddedKafka kafka, LoopbackSchemaRegistry registry) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", topic);
    try (AvroEventSerde<MaskEvent> serde = LoopbackSerdes.serde(MaskEvent.class, registry);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(record(serde, mask("aborted", MaskFormat.PNG)));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      for (MaskFormat format : MaskFormat.values()) {
        producer.send(record(serde, mask("frames/0@" + format.name(), format)));
      }
      producer.commitTransaction();
    }
  }

  private ProducerRecord<byte[], byte[]> record(AvroEventSerde<MaskEvent> serde, MaskEvent mask) {
    return new ProducerRecord<>(topic, serde.serializer().serialize(topic, mask));
  }

  private MaskEvent mask(String outcomeId, MaskFormat format) {
    byte[] encoded = format.codec().encode(new Mask(WIDTH, HEIGHT, labels));
    return MaskEvent.newBuilder()
        .setOutcomeId(outcomeId)
        .setAttemptId("attempt")
        .setFrameId("frame")
        .setCameraId("gate")
        .setSequence(0)
        .setCapturedAt(Instant.parse("2026-01-02T12:00:00Z"))
        .setModel(new ModelReference("m", "1", "0".repeat(64), "fp32"))
        .setFrameWidth(WIDTH)
        .setFrameHeight(HEIGHT)
        .setMaskWidth(WIDTH)
        .setMaskHeight(HEIGHT)
        .setResizePolicy(ResizePolicy.FIT)
        .setEncoding(MaskEncoding.valueOf(format.name()))
        .setLabels(ByteBuffer.wrap(encoded))
        .setConfidence(null)
        .setClasses(List.of(new ClassSummary(0, "road", 1L, null)))
        .setRegionCount(0)
        .setRegionsCapped(false)
        .setTimings(new Timings(0L, 0L, 1, 0L, 0L))
        .setFrameOrientation(1)
        .build();
  }
}
