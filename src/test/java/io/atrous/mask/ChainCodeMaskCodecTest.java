package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainCodeMaskCodecTest {

  /** The example of docs/mask-format.md. */
  private static final Mask EXAMPLE =
      Masks.grid(
          "111111112222", //
          "111111122222",
          "111333122222",
          "111111112222");

  private static final String EXAMPLES_BODY =
      "04" // four chains
          + "0001 0802 1303 0301" // 1 at pixel 0, 2 at 8, 3 at 27, 1 at 30
          + "11 12 13 00"; // 0 0 0, -1 0 1, end, end

  private final ChainCodeMaskCodec codec = new ChainCodeMaskCodec();

  @Test
  void writesTheChainsOfTheSpecification() throws Exception {
    byte[] body = new byte[100];

    int length = Zlib.inflate(codec.encode(EXAMPLE), body);

    assertThat(Arrays.copyOf(body, length)).isEqualTo(bytes(EXAMPLES_BODY));
  }

  @Test
  void readsTheChainsOfTheSpecification() throws Exception {
    Mask mask = codec.decode(deflated(EXAMPLES_BODY), 12, 4);

    assertThat(Masks.text(mask)).isEqualTo(Masks.text(EXAMPLE));
  }

  @Test
  void anOutlineIsOneChainAsLongAsItStepsAtMostSevenColumnsAside() throws Exception {
    for (int step = -10; step <= 10; step++) {
      Mask mask = Masks.stripes(400, 10, 2, 200, step);
      byte[] body = new byte[mask.values().length + 1];
      Zlib.inflate(codec.encode(mask), body);

      // The left border and two outlines; or the border, and two outlines in each row.
      assertThat((int) body[0]).isLessThanOrEqualTo(Math.abs(step) <= 7 ? 6 : 40);
      assertThat(body[0] <= 6).isEqualTo(Math.abs(step) <= 7);
    }
  }

  @Test
  void aMaskOfOneClassTakesNextToNothing() {
    assertThat(codec.encode(new Mask(513, 513, new byte[513 * 513]))).hasSizeLessThan(100);
  }

  @Test
  void whateverTheMaskItTakesAThousandthMoreThanItsValuesAtMost() {
    Random random = new Random(31);
    for (int classes : new int[] {2, 3, 7, 256}) {
      assertBounded(Masks.noise(400, 300, classes, random));
      assertBounded(Masks.stripes(400, 300, classes, 1, 3));
      assertBounded(Masks.stripes(400, 300, classes, 4, 9));
    }
    for (int round = 0; round < 300; round++) {
      assertBounded(Masks.any(60, random));
    }
  }

  private void assertBounded(Mask mask) {
    int values = mask.values().length;
    assertThat(codec.encode(mask)).hasSizeLessThanOrEqualTo(values + values / 1000 + 16);
  }

  /** Each body is one of a mask of 4 x 2. */
  @ParameterizedTest
  @CsvSource({
    "'', end before its last pixel",
    "'01 00', end before its last pixel",
    "'01 00 05', end before its last pixel",
    "'01 01 05 10', begins out of order",
    "'02 00 05 00 06 11', begins out of order",
    "'02 00 05 08 06 11', begins out of order",
    "'02 00 05 FF FF FF FF 7F 06', begins out of order",
    "'FF FF FF FF 7F 00 05', end before its last pixel",
    "'01 FF FF FF FF FF', more than five bytes",
    "'01 00 05 20', meets another or the border",
    "'02 00 05 01 06 F1', meets another or the border",
    "'02 00 05 01 06 12', meets another or the border",
    "'02 00 05 04 06 10', meets another or the border",
    "'01 00 05 12', go on after its last pixel",
    "'01 00 05 10 00', go on for 1",
    "'00 01 02 03 04 05 06 07', end before its last pixel",
    "'00 01 02 03 04 05 06 07 08 09', hold more than a mask of its size",
  })
  void saysWhatIsWrong(String body, String complaint) {
    byte[] encoded = deflated(body);
    assertThatExceptionOfType(MaskFormatException.class)
        .isThrownBy(() -> codec.decode(encoded, 4, 2))
        .withMessageContaining(complaint);
  }

  @Test
  void refusesBytesThatAreNoZlibOrNotOneAlone() {
    byte[] encoded = codec.encode(EXAMPLE);
    byte[] longer = Arrays.copyOf(encoded, encoded.length + 3);
    byte[] damaged = encoded.clone();
    damaged[encoded.length - 1]++;

    assertRefused(new byte[] {1, 2, 3}, "can't be inflated");
    assertRefused(damaged, "can't be inflated");
    assertRefused(longer, "go on for 3 after their end");
    assertRefused(Arrays.copyOf(encoded, encoded.length - 1), "end before their last");
  }

  private void assertRefused(byte[] encoded, String complaint) {
    assertThatExceptionOfType(MaskFormatException.class)
        .isThrownBy(() -> codec.decode(encoded, 12, 4))
        .withMessageContaining(complaint);
  }

  private static byte[] deflated(String hex) {
    byte[] body = bytes(hex);
    return Zlib.deflate(body, body.length, Deflater.DEFAULT_STRATEGY);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
