package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Random;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunLengthMaskCodecTest {

  private final RunLengthMaskCodec codec = new RunLengthMaskCodec();

  @Test
  void writesTheTokensOfTheSpecification() {
    Mask mask = Masks.grid("11112", "11112", "11122", "12345");

    byte[] encoded = codec.encode(mask);

    // The example of docs/mask-format.md: token = (length - 1) * 4 + kind.
    assertThat(encoded)
        .containsExactly(
            3 * 4 + 1, 1, // run: 4 of class 1
            0 * 4 + 2, 2, // literal: class 2
            7 * 4, // copy: 5 of the second row, 3 of the third
            1 * 4 + 1, 2, // run: 2 of class 2
            4 * 4 + 2, 1, 2, 3, 4, 5); // literal: the last row
  }

  @Test
  void aMaskOfOneClassTakesAFewBytes() {
    assertThat(codec.encode(new Mask(513, 513, new byte[513 * 513]))).hasSizeLessThan(6);
  }

  @Test
  void noiseTakesLittleMoreThanItsValues() {
    for (int classes : new int[] {2, 3, 7, 256}) {
      Mask mask = Masks.noise(400, 300, classes, new Random(27));
      assertThat(codec.encode(mask)).hasSizeLessThan(120_000 * 104 / 100);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', end before its last pixel",
    "'13', end before its last pixel",
    "'0', copies a row above",
    "'3', unknown kind",
    "'21 1', more values",
    "'13 1 0 0', go on for 2",
    "'255 255 255 255 255 0', more than five bytes",
    "'253 255 255 255 31 1', more values",
    "'14 1 1', end before its last pixel",
  })
  void saysWhatIsWrong(String bytes, String complaint) {
    List<Integer> values = new Scanner(bytes).tokens().map(Integer::valueOf).toList();
    byte[] encoded = new byte[values.size()];
    for (int at = 0; at < encoded.length; at++) {
      encoded[at] = values.get(at).byteValue();
    }
    assertThatExceptionOfType(MaskFormatException.class)
        .isThrownBy(() -> codec.decode(encoded, 2, 2))
        .withMessageContaining(complaint);
  }
}
