package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every codec promises. */
class MaskCodecTest {

  static List<MaskCodec> codecs() {
    return Stream.of(MaskFormat.values()).map(MaskFormat::codec).toList();
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void decodingGivesBackWhatWasEncoded(MaskCodec codec) throws Exception {
    Random random = new Random(21);
    for (int round = 0; round < 600; round++) {
      Mask mask = Masks.any(90, random);
      assertComesBack(codec, mask);
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void extremeMasksComeBack(MaskCodec codec) throws Exception {
    Random random = new Random(22);
    assertComesBack(codec, new Mask(1, 1, new byte[] {-1}));
    assertComesBack(codec, new Mask(1, 5000, new byte[5000]));
    assertComesBack(codec, new Mask(5000, 1, new byte[5000]));
    assertComesBack(codec, new Mask(2000, 2000, new byte[4_000_000]));
    assertComesBack(codec, Masks.noise(300, 200, 256, random));
    assertComesBack(codec, Masks.noise(1, 300, 2, random));
    assertComesBack(codec, Masks.noise(300, 1, 2, random));
    assertComesBack(codec, Masks.blobs(513, 513, 21, 32, random));
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void everyTruncationIsRefused(MaskCodec codec) {
    Mask mask = Masks.blobs(40, 30, 5, 7, new Random(23));
    byte[] encoded = codec.encode(mask);
    for (int length = 0; length < encoded.length; length++) {
      assertThat(decodes(codec, Arrays.copyOf(encoded, length), mask)).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void anotherSizeIsRefused(MaskCodec codec) {
    Mask mask = Masks.blobs(40, 30, 5, 7, new Random(24));
    byte[] encoded = codec.encode(mask);

    assertThat(decodes(codec, encoded, new Mask(40, 31, new byte[40 * 31]))).isFalse();
    assertThat(decodes(codec, encoded, new Mask(40, 29, new byte[40 * 29]))).isFalse();
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void mutatedBytesAreAMaskOrRefused(MaskCodec codec) {
    Random random = new Random(25);
    Mask mask = Masks.blobs(60, 50, 5, 9, random);
    byte[] encoded = codec.encode(mask);
    for (int round = 0; round < 5_000; round++) {
      byte[] mutated = encoded.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      decodes(codec, mutated, mask); // throws, if anything but a MaskFormatException comes out
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void randomBytesAreRefused(MaskCodec codec) {
    Random random = new Random(26);
    Mask mask = new Mask(1000, 1000, new byte[1_000_000]);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      assertThat(decodes(codec, bytes, mask)).isFalse();
    }
  }

  private static void assertComesBack(MaskCodec codec, Mask mask) throws MaskFormatException {
    Mask decoded = codec.decode(codec.encode(mask), mask.width(), mask.height());
    assertThat(decoded.width()).isEqualTo(mask.width());
    assertThat(decoded.height()).isEqualTo(mask.height());
    assertThat(decoded.values()).isEqualTo(mask.values());
  }

  private static boolean decodes(MaskCodec codec, byte[] encoded, Mask size) {
    try {
      codec.decode(encoded, size.width(), size.height());
      return true;
    } catch (MaskFormatException e) {
      assertThat(e).hasMessageMatching("the mask[^\n]+");
      return false;
    }
  }
}
