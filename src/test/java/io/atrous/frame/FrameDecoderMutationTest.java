package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Whatever a payload holds: an image, or a rejection; never another exception or a crash. */
class FrameDecoderMutationTest {

  private static final int ROUNDS = 1500;

  private final FrameDecoder decoder = new FrameDecoder(new DecodeLimits(1 << 20, 1 << 20));

  @Test
  void aMutatedJpegIsAnImageOrARejection() {
    byte[] jpeg = FrameEncoder.jpeg(Pictures.noise(48, 40, new Random(12)), 85);
    Random random = new Random(13);
    int decoded = 0;
    for (int round = 0; round < ROUNDS; round++) {
      decoded += decodes(PayloadEncoding.JPEG, mutate(jpeg, random)) ? 1 : 0;
    }
    assertThat(decoded).isBetween(1, ROUNDS - 1);
  }

  @Test
  void aMutatedPngIsAnImageOrARejection() {
    byte[] png = FrameEncoder.png(Pictures.noise(16, 12, new Random(14)));
    Random random = new Random(15);
    int decoded = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] mutated = mutate(png, random);
      repairChecksums(mutated);
      decoded += decodes(PayloadEncoding.PNG, mutated) ? 1 : 0;
    }
    assertThat(decoded).isBetween(1, ROUNDS - 1);
  }

  private boolean decodes(PayloadEncoding encoding, byte[] payload) {
    try {
      RgbImage image = decoder.decode(EncodedFrame.compressed(encoding, payload));
      assertThat(image.width() * image.height()).isBetween(1, 1 << 20);
      return true;
    } catch (FrameRejectedException e) {
      assertThat(e).hasMessageMatching("[^\n]+");
      return false;
    }
  }

  /** Changes, removes or repeats a few bytes, most often near the start, where the structure is. */
  private static byte[] mutate(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int change = random.nextInt(4); change >= 0; change--) {
      int range = random.nextBoolean() ? Math.min(bytes.length, 700) : bytes.length;
      int at = 2 + random.nextInt(range - 2);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) 0xFF;
        case 3 -> {
          byte[] shorter = Arrays.copyOf(bytes, bytes.length - 1);
          System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
          bytes = shorter;
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  /** So that mutations get past the checksums: as an attacker's would. */
  private static void repairChecksums(byte[] png) {
    ByteBuffer chunks = ByteBuffer.wrap(png);
    int at = 8;
    while (at + 12 <= png.length) {
      int dataBytes = chunks.getInt(at);
      if (dataBytes < 0 || dataBytes > png.length - at - 12) {
        return;
      }
      CRC32 checksum = new CRC32();
      checksum.update(png, at + 4, dataBytes + 4);
      chunks.putInt(at + 8 + dataBytes, (int) checksum.getValue());
      at += 12 + dataBytes;
    }
  }
}
