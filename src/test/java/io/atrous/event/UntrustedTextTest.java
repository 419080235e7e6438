package io.atrous.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What strangers wrote neither commands terminals nor deceives readers. */
final class UntrustedTextTest {

  @ParameterizedTest
  @CsvSource({
    "'north 7', 'north 7'",
    "'Straße, 街道, 🚗', 'Straße, 街道, 🚗'",
    "'\u001b[2Jgone', '\\u001b[2Jgone'",
    "'\u009b2Jgone', '\\u009b2Jgone'",
    "'one\r\ntwo\tthree', 'one\\u000d\\u000atwo\\u0009three'",
    "'one\u2028two\u2029three\u0085', 'one\\u2028two\\u2029three\\u0085'",
    "'\u202egnp.exe', '\\u202egnp.exe'",
    "'half\ud83d', 'half\\ud83d'",
    "'\u0000', '\\u0000'",
  })
  void isOneLineThatTerminalsObeyNothingOf(String text, String line) {
    assertThat(UntrustedText.oneLine(text)).isEqualTo(line);
  }

  @Test
  void isCutBetweenCharacters() {
    assertThat(UntrustedText.oneLine("🚗🚗🚗", 2)).isEqualTo("🚗🚗…");
    assertThat(UntrustedText.oneLine("🚗🚗", 2)).isEqualTo("🚗🚗");
    assertThat(UntrustedText.oneLine("a".repeat(5_000))).hasSize(1_001);
  }

  @Test
  void whateverItIsNoCommandIsLeft() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      random.ints(20, 0, 0x3000).forEach(c -> text.append((char) c));
      assertThat(UntrustedText.oneLine(text.toString()))
          .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    }
  }
}
