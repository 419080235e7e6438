package io.atrous.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NearestKeyTest {

  @Test
  void theEditDistanceCountsInsertionsDeletionsAndSubstitutions() {
    assertThat(NearestKey.editDistance("", "abc")).isEqualTo(3);
    assertThat(NearestKey.editDistance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestKey.editDistance("same", "same")).isZero();
  }
}
