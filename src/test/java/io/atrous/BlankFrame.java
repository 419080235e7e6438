package io.atrous;

import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;

/** A black frame of a camera, as small as a service takes it. */
final class BlankFrame {

  static final int SIDE = 8;

  private BlankFrame() {}

  static FrameEvent of(String frameId) {
    return FrameEvent.newBuilder()
        .setFrameId(frameId)
        .setCameraId("camera")
        .setSequence(1)
        .setCapturedAt(Instant.EPOCH)
        .setEncoding(FrameEncoding.GRAY8)
        .setWidth(SIDE)
        .setHeight(SIDE)
        .setPayload(ByteBuffer.allocate(SIDE * SIDE))
        // Avro decodes a default, and would fix its limits before a serde has set them.
        .setAttributes(Map.of())
        .build();
  }
}
