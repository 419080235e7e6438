package io.atrous.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class StorageTypeTest {

  @Test
  void everyHalfSurvivesTheWayToFloatAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = StorageType.halfToFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(StorageType.halfToFloat(StorageType.floatToHalf(value))).isNaN();
      } else {
        assertThat(StorageType.floatToHalf(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void halvesHaveTheValuesOfTheStandard() {
    assertThat(StorageType.halfToFloat((short) 0x3C00)).isEqualTo(1f);
    assertThat(StorageType.halfToFloat((short) 0xC000)).isEqualTo(-2f);
    assertThat(StorageType.halfToFloat((short) 0x7BFF)).isEqualTo(65504f);
    assertThat(StorageType.halfToFloat((short) 0x0400)).isEqualTo(0x1p-14f);
    assertThat(StorageType.halfToFloat((short) 0x0001)).isEqualTo(0x1p-24f);
    assertThat(StorageType.halfToFloat((short) 0x7C00)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(StorageType.floatToHalf(65520f)).isEqualTo((short) 0x7C00);
    assertThat(StorageType.floatToHalf(0x1p-25f)).isZero();
  }

  @Test
  void aFloatBecomesTheNearestHalfAndTiesGoToTheEvenOne() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1_000_000; i++) {
      float value = (float) ((random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(-26, 17)));
      short half = StorageType.floatToHalf(value);
      double error = Math.abs((double) StorageType.halfToFloat(half) - value);
      for (int step = -1; step <= 1; step += 2) {
        short neighbour = (short) (half + step);
        float other = StorageType.halfToFloat(neighbour);
        if (Float.isFinite(other)
            && Float.isFinite(StorageType.halfToFloat(half))
            && (half & 0x8000) == (neighbour & 0x8000)) {
          double otherError = Math.abs((double) other - value);
          assertThat(error).isLessThanOrEqualTo(otherError);
          if (error == otherError) {
            assertThat(half & 1).isZero();
          }
        }
      }
    }
  }

  @Test
  void aBrainFloatIsTheNearestUpperHalf() {
    assertThat(StorageType.floatToBrain(1f)).isEqualTo((short) 0x3F80);
    assertThat(StorageType.floatToBrain(Float.intBitsToFloat(0x3F808000)))
        .as("a tie goes to the even one")
        .isEqualTo((short) 0x3F80);
    assertThat(StorageType.floatToBrain(Float.intBitsToFloat(0x3F818000)))
        .isEqualTo((short) 0x3F82);
    assertThat(StorageType.floatToBrain(Float.intBitsToFloat(0x3F808001)))
        .isEqualTo((short) 0x3F81);
    assertThat(Float.intBitsToFloat(StorageType.floatToBrain(Float.NaN) << 16)).isNaN();
  }

  @Test
  void holdsWhatStaysFinite() {
    float largestHalf = 65504;
    float halfwayToInfinity = 65520;

    assertThat(StorageType.F16.holds(largestHalf)).isTrue();
    assertThat(StorageType.F16.holds(Math.nextDown(halfwayToInfinity))).isTrue();
    assertThat(StorageType.F16.holds(-halfwayToInfinity)).isFalse();
    assertThat(StorageType.BF16.holds(halfwayToInfinity)).isTrue();
    assertThat(StorageType.BF16.holds(Float.MAX_VALUE)).isFalse();
    assertThat(StorageType.F32.holds(Float.MAX_VALUE)).isTrue();
    for (StorageType type : StorageType.values()) {
      assertThat(type.holds(Float.NaN)).isFalse();
      assertThat(type.holds(Float.NEGATIVE_INFINITY)).isFalse();
    }
  }
}
