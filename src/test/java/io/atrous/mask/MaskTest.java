package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class MaskTest {

  private static final Mask MASK = new Mask(3, 2, new byte[] {1, 2, 3, 4, 5, (byte) 255});

  @Test
  void valuesAreUnsignedAndRowMajor() {
    assertThat(MASK.get(2, 0)).isEqualTo(3);
    assertThat(MASK.get(2, 1)).isEqualTo(255);
  }

  @Test
  void itsTopLeftCornerKeepsRowsApart() {
    assertThat(MASK.topLeft(2, 2).values()).containsExactly(1, 2, 4, 5);
    assertThat(MASK.topLeft(3, 1).values()).containsExactly(1, 2, 3);
    assertThat(MASK.topLeft(3, 2)).isSameAs(MASK);
    assertThatThrownBy(() -> MASK.topLeft(4, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void scaledUpEachPixelCoversItsShare() {
    assertThat(new Mask(2, 1, new byte[] {7, 9}).scaledTo(4, 2).values())
        .containsExactly(7, 7, 9, 9, 7, 7, 9, 9);
    assertThat(new Mask(2, 1, new byte[] {7, 9}).scaledTo(5, 1).values())
        .as("the middle pixel's centre lies on the edge, and belongs to the right one")
        .containsExactly(7, 7, 9, 9, 9);
  }

  @Test
  void scaledDownEachPixelTakesTheValueAtItsCentre() {
    assertThat(MASK.scaledTo(1, 1).values()).containsExactly(5);
    assertThat(MASK.scaledTo(3, 2).values()).isEqualTo(MASK.values());
  }

  @Test
  void aMaskHasAsManyValuesAsPixels() {
    assertThatThrownBy(() -> new Mask(2, 2, new byte[3]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
