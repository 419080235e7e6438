package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchSizesTest {

  @Test
  void areThePowersOfTwoAndTheLargest() {
    assertThat(BatchSizes.warmed(1)).containsExactly(1);
    assertThat(BatchSizes.warmed(6)).containsExactly(1, 2, 4, 6);
    assertThat(BatchSizes.warmed(8)).containsExactly(1, 2, 4, 8);
  }
}
