package io.atrous.event;

import io.atrous.mask.Mask;
import io.atrous.mask.MaskFormat;
import io.atrous.mask.MaskFormatException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** What consumers do, to be run by a class loader that has little. */
final class ConsumerProbe {

  private static final byte[] LABELS = {1, 2, 2, 2, 3, -1};

  private ConsumerProbe() {}

  /** Holds events, and decodes their masks; takes the name of an encoding. */
  static final class Decoding implements BiFunction<String, byte[], byte[]> {
    @Override
    public byte[] apply(String encoding, byte[] nothing) {
      return labels(mask(MaskFormat.valueOf(encoding)));
    }
  }

  /** Reads a record of the masks' topic; takes the registry's address. */
  static final class Reading implements BiFunction<String, byte[], byte[]> {
    @Override
    public byte[] apply(String registry, byte[] record) {
      try (AvroEventSerde<MaskEvent> serde = new AvroEventSerde<>(MaskEvent.class)) {
        serde.configure(Map.of(SchemaRegistryConfig.URL, registry), false);
        return labels(serde.deserializer().deserialize(Topics.MASKS, record));
      }
    }
  }

  static byte[] expected() {
    return LABELS.clone();
  }

  static MaskEvent mask(MaskFormat format) {
    return MaskEvent.newBuilder()
        .setOutcomeId("frames/0@0")
        .setAttemptId("attempt")
        .setFrameId("frame")
        .setCameraId("camera")
        .setSequence(0)
        .setCapturedAt(Instant.EPOCH)
        .setModel(new ModelReference("m", "1", "0".repeat(64), "fp32"))
        .setFrameWidth(3)
        .setFrameHeight(2)
        .setMaskWidth(3)
        .setMaskHeight(2)
        .setResizePolicy(ResizePolicy.FIT)
        .setEncoding(MaskEncoding.valueOf(format.name()))
        .setLabels(ByteBuffer.wrap(format.codec().encode(new Mask(3, 2, LABELS))))
        .setConfidence(null)
        .setClasses(List.of(new ClassSummary(1, "road", 1L, null)))
        .setRegionCount(0)
        .setRegionsCapped(false)
        .setTimings(new Timings(0L, 0L, 1, 0L, 0L))
        .setFrameOrientation(1)
        .build();
  }

  private static byte[] labels(MaskEvent event) {
    try {
      return MaskReader.labels(event).values();
    } catch (MaskFormatException e) {
      throw new IllegalStateException("a mask of our own can't be read", e);
    }
  }
}
