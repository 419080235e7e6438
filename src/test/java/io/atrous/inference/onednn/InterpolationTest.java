package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InterpolationTest {

  @Test
  void alignedCornersMeet() {
    assertThat(Interpolation.of(3, 5, true).matrix())
        .containsExactly(1, 0, 0, 0.5f, 0.5f, 0, 0, 1, 0, 0, 0.5f, 0.5f, 0, 0, 1);
  }

  @Test
  void otherwiseTheMiddlesOfIntervalsMeet() {
    assertThat(Interpolation.of(2, 4, false).matrix())
        .containsExactly(1, 0, 0.75f, 0.25f, 0.25f, 0.75f, 0, 1);
  }

  @Test
  void ofOneValueAllResultsAreThatValue() {
    assertThat(Interpolation.of(1, 3, true).matrix()).containsExactly(1, 1, 1);
    assertThat(Interpolation.of(1, 3, false).matrix()).containsExactly(1, 1, 1);
  }

  @Test
  void aSingleResultIsTheFirstValueIfCornersAreAligned() {
    assertThat(Interpolation.of(3, 1, true).matrix()).containsExactly(1, 0, 0);
  }
}
