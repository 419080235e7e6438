package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfidenceLevelsTest {

  /** Every confidence there is. */
  private static final Mask ALL = new Mask(16, 16, allBytes());

  @Test
  void everyConfidenceBecomesTheNearestLevelWhateverTheirNumber() {
    for (int count = 2; count <= 256; count++) {
      ConfidenceLevels levels = new ConfidenceLevels(count);

      Mask rounded = levels.round(ALL);

      double halfALevel = 255.0 / (count - 1) / 2;
      for (int confidence = 0; confidence < 256; confidence++) {
        int value = rounded.get(confidence % 16, confidence / 16);
        int level = (int) Math.round(value * (count - 1) / 255.0);
        assertThat(value).isEqualTo((int) Math.round(255.0 * level / (count - 1)));
        // Half a level, and half a byte for rounding the level itself.
        assertThat(Math.abs(value - confidence)).isLessThanOrEqualTo((int) (halfALevel + 0.5));
        assertThat(Math.abs(value - confidence)).isLessThanOrEqualTo(levels.largestErrorBytes());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 127", "4, 42", "16, 8", "32, 4", "52, 2", "256, 0"})
  void theLargestErrorIsHalfALevel(int count, int errorBytes) {
    assertThat(new ConfidenceLevels(count).largestErrorBytes()).isEqualTo(errorBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 16, 17, 255, 256})
  void thereAreAsManyLevelsAsAskedForAndBothEndsAreAmongThem(int count) {
    TreeSet<Integer> values = new TreeSet<>();
    for (byte value : new ConfidenceLevels(count).round(ALL).values()) {
      values.add(value & 0xFF);
    }

    assertThat(values).hasSize(count).contains(0, 255);
  }

  @Test
  void aRoundedMapStaysAsItIs() {
    for (int count = 2; count <= 256; count++) {
      ConfidenceLevels levels = new ConfidenceLevels(count);
      Mask once = levels.round(ALL);

      assertThat(levels.round(once).values()).isEqualTo(once.values());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 257})
  void refusesNumbersThatMakeNoLevels(int count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ConfidenceLevels(count))
        .withMessage("there can be 2 to 256 levels, not " + count);
  }

  private static byte[] allBytes() {
    byte[] bytes = new byte[256];
    for (int value = 0; value < 256; value++) {
      bytes[value] = (byte) value;
    }
    return bytes;
  }
}
