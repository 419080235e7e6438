package io.atrous.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.event.FrameEncoding;
import io.atrous.event.FrameEvent;
import io.atrous.frame.DecodeLimits;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** A frame's words are bounded as its pixels are, in bytes as they are written. */
final class FrameLimitsTest {

  private final FrameLimits limits = new FrameLimits(DecodeLimits.DEFAULT, 8, 2, 10);

  @Test
  void wordsUpToTheLimitsAreTaken() {
    assertThat(
            limits.excess(record(8), frame("12345678", "äöüß", Map.of("a", "1234", "b", "5678"))))
        .isEmpty();
    assertThat(limits.excess(record(0), frame("", "", Map.of()))).isEmpty();
  }

  @Test
  void whatIsLongerIsNamedWithItsSizeAndItsLimit() {
    assertThat(limits.excess(record(9), frame("f", "c", Map.of())))
        .hasValue("the record's key has 9 bytes; the limit is 8");
    assertThat(limits.excess(record(0), frame("123456789", "c", Map.of())))
        .hasValue("the frame id has 9 bytes; the limit is 8");
    assertThat(limits.excess(record(0), frame("f", "äöüßä", Map.of())))
        .hasValue("the camera id has 10 bytes; the limit is 8");
  }

  @Test
  void attributesAreCountedAndMeasured() {
    assertThat(limits.excess(record(0), frame("f", "c", Map.of("a", "", "b", "", "c", ""))))
        .hasValue("the frame has 3 attributes; the limit is 2");
    assertThat(limits.excess(record(0), frame("f", "c", Map.of("name", "äöüß"))))
        .hasValue("the frame's attributes have 12 bytes; the limit is 10");
  }

  private static SourceRecord record(int keyBytes) {
    return new SourceRecord(
        "frames",
        0,
        0,
        0,
        keyBytes == 0 ? null : new byte[keyBytes],
        new byte[0],
        new RecordHeaders(),
        "attempt");
  }

  private static FrameEvent frame(String frameId, String cameraId, Map<String, String> attributes) {
    return FrameEvent.newBuilder()
        .setFrameId(frameId)
        .setCameraId(cameraId)
        .setSequence(1)
        .setCapturedAt(Instant.EPOCH)
        .setEncoding(FrameEncoding.PNG)
        .setPayload(ByteBuffer.allocate(1))
        .setAttributes(attributes)
        .build();
  }
}
