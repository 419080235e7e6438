package io.atrous.stream;

import io.atrous.embedded.LoopbackSchemaRegistry;
import io.atrous.event.AvroEventSerde;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.event.LoopbackSerdes;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Real events, with a schema registry of their own. A frame is a small image all of one colour,
 * which says which frame it is.
 */
final class EventFormat implements ContractFormat, AutoCloseable {

  static final int SIDE = 8;

  private final LoopbackSchemaRegistry registry = LoopbackSchemaRegistry.start();
  private final AvroEventSerde<FrameEvent> frames = serde(FrameEvent.class);
  private final AvroEventSerde<MaskEvent> masks = serde(MaskEvent.class);
  private final AvroEventSerde<RegionEvent> regions = serde(RegionEvent.class);
  private final AvroEventSerde<DeadLetterEvent> deadLetters = serde(DeadLetterEvent.class);

  private <T extends SpecificRecord> AvroEventSerde<T> serde(Class<T> type) {
    return LoopbackSerdes.serde(type, registry);
  }

  Map<String, String> registrySettings() {
    return Map.of("schema.registry.url", registry.url().toString());
  }

  /** Which frame a network's input shows, if it is one of ours. */
  static boolean shows(ByteBuffer image, int partition, int sequence) {
    return image.get(0) == (byte) partition
        && image.get(1) == (byte) sequence
        && image.get(2) == (byte) 0xFF;
  }

  @Override
  public byte[] frame(int partition, long sequence) {
    byte[] pixels = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < pixels.length; i += 3) {
      pixels[i] = (byte) partition;
      pixels[i + 1] = (byte) sequence;
      pixels[i + 2] = (byte) 0xFF;
    }
    frames.prepare("frames");
    return frames
        .serializer()
        .serialize(
            "frames",
            FrameEvent.newBuilder()
                .setFrameId("frame-" + sequence)
                .setCameraId("camera-" + partition)
                .setSequence(sequence)
                .setCapturedAt(Instant.EPOCH)
                .setEncoding(FrameEncoding.RGB24)
                .setWidth(SIDE)
                .setHeight(SIDE)
                .setPayload(ByteBuffer.wrap(pixels))
                .build());
  }

  @Override
  public Identity identity(ConsumerRecord<byte[], byte[]> answer) {
    if (answer.topic().endsWith("-masks")) {
      MaskEvent mask = masks.deserializer().deserialize(answer.topic(), answer.value());
      return new Identity(mask.getOutcomeId(), mask.getAttemptId());
    }
    if (answer.topic().endsWith("-regions")) {
      RegionEvent region = regions.deserializer().deserialize(answer.topic(), answer.value());
      return new Identity(region.getOutcomeId(), region.getAttemptId());
    }
    DeadLetterEvent letter = deadLetter(answer);
    return new Identity(letter.getOutcomeId(), letter.getAttemptId());
  }

  DeadLetterEvent deadLetter(ConsumerRecord<byte[], byte[]> answer) {
    return deadLetters.deserializer().deserialize(answer.topic(), answer.value());
  }

  @Override
  public int regions(ConsumerRecord<byte[], byte[]> mask) {
    return masks.deserializer().deserialize(mask.topic(), mask.value()).getRegionCount();
  }

  @Override
  public void close() {
    frames.close();
    masks.close();
    regions.close();
    deadLetters.close();
    registry.close();
  }
}
