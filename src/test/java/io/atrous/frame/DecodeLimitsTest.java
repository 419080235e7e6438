package io.atrous.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DecodeLimitsTest {

  @Test
  void theDefaultAllows8kVideo() {
    assertThat(DecodeLimits.DEFAULT.maxPixels()).isGreaterThan(8192 * 4320);
  }

  @Test
  void refusesLimitsThatLetNothingThroughOrOverflow() {
    assertThatThrownBy(() -> new DecodeLimits(0, 1)).hasMessageContaining("payload limit");
    assertThatThrownBy(() -> new DecodeLimits(1, 0)).hasMessageContaining("pixel limit");
    assertThatThrownBy(() -> new DecodeLimits(1, Integer.MAX_VALUE / 3 + 1))
        .hasMessageContaining("pixel limit");
  }
}
