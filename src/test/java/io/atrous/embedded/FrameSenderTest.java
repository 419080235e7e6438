package io.atrous.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class FrameSenderTest {

  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final FrameSender sender =
      new FrameSender(
          producer, (topic, frame) -> frame.getFrameId().getBytes(StandardCharsets.UTF_8));

  @Test
  void sendsAFrameUnderItsCamerasIdAndCountsItOnceTheBrokerHasIt() {
    sender.send("frames", 3, frame("camera-1", "frame-1"));

    assertThat(producer.history())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.topic()).isEqualTo("frames");
              assertThat(record.partition()).isEqualTo(3);
              assertThat(record.key()).asString().isEqualTo("camera-1");
              assertThat(record.value()).asString().isEqualTo("frame-1");
            });
    assertThat(sender.sent()).isEqualTo(1);
    assertThat(sender.acknowledged()).isZero();

    assertThat(producer.completeNext()).isTrue();
    assertThat(sender.acknowledged()).isEqualTo(1);
    assertThat(sender.failure()).isEmpty();
  }

  @Test
  void tellsWhereTheBrokerHasPutARecord() {
    List<Long> offsets = new ArrayList<>();
    sender.send("frames", 0, "camera-1", new byte[1], metadata -> offsets.add(metadata.offset()));
    sender.send("frames", 0, "camera-1", new byte[1], metadata -> offsets.add(metadata.offset()));

    sender.flush();

    assertThat(offsets).containsExactly(0L, 1L);
  }

  @Test
  void keepsTheFirstFailureAndDoesNotCountFailedFramesAsSent() {
    for (int i = 0; i < 3; i++) {
      sender.send("frames", 0, frame("camera-1", "frame-" + i));
    }

    assertThat(producer.errorNext(new IllegalStateException("first"))).isTrue();
    assertThat(producer.errorNext(new IllegalStateException("second"))).isTrue();
    assertThat(producer.completeNext()).isTrue();

    assertThat(sender.failure()).get().extracting(Exception::getMessage).isEqualTo("first");
    assertThat(sender.sent()).isEqualTo(1);
    assertThat(sender.acknowledged()).isEqualTo(1);
  }

  @Test
  void closesTheProducer() {
    sender.close();

    assertThat(producer.closed()).isTrue();
  }

  private static FrameEvent frame(String cameraId, String frameId) {
    return new FrameEvent(
        frameId,
        cameraId,
        0L,
        Instant.EPOCH,
        FrameEncoding.JPEG,
        null,
        null,
        ByteBuffer.allocate(1),
        Map.of(),
        null,
        null);
  }
}
