package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CameraIdTest {

  @Test
  void keysAreOneCameraExactlyIfTheirBytesAreEqual() {
    Set<CameraId> cameras = new HashSet<>();
    for (int number = 0; number < 256; number++) {
      cameras.add(camera(ByteBuffer.allocate(4).putInt(number).array()));
      cameras.add(camera(ByteBuffer.allocate(4).putInt(number).array()));
    }

    assertThat(cameras).as("128 to 255 are no UTF-8").hasSize(256);
  }

  @Test
  void longKeysWithTheSameBeginningAreCamerasOfTheirOwn() {
    for (int length : List.of(128, 512, 100_000)) {
      String beginning = "x".repeat(length);
      assertThat(named(beginning + "1"))
          .isEqualTo(named(beginning + "1"))
          .isNotEqualTo(named(beginning + "2"));
    }
  }

  @Test
  void aPartitionWithoutKeysIsNoKeyOfTheSameText() {
    assertThat(camera(null)).hasToString("frames/3").isNotEqualTo(named("frames/3"));
    assertThat(CameraId.OTHERS).isNotEqualTo(named("(others)")).isNotEqualTo(named(""));
  }

  @Test
  void theTextIsSafeAndSaysWhatBinaryKeysAre() {
    assertThat(named("cam\n1\u001b[0m")).hasToString("cam\\u000a1\\u001b[0m");
    assertThat(camera(new byte[] {0, 0, 0, (byte) 0xC8})).hasToString("0x000000c8");
    assertThat(named("x".repeat(127) + "ä")).hasToString("x".repeat(127));
  }

  @Test
  void aWeightIsThatOfTheKeyWhoseBytesSpellItsName() {
    CameraWeights weights = CameraWeights.parse(List.of("gate-7=4", "frames/3=5", "süd=2"));

    assertThat(weights.of(named("gate-7"))).isEqualTo(4);
    assertThat(weights.of(camera("süd".getBytes(UTF_8)))).isEqualTo(2);
    assertThat(weights.of(camera(null))).as("the partition frames/3").isEqualTo(1);
  }

  private static CameraId named(String key) {
    return camera(key.getBytes(UTF_8));
  }

  private static CameraId camera(byte @Nullable [] key) {
    return new SourceRecord("frames", 3, 7, 0, key, null, new RecordHeaders(), "attempt").camera();
  }
}
