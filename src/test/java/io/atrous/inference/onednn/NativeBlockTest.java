package io.atrous.inference.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atrous.inference.DeviceMemoryException;
import org.junit.jupiter.api.Test;

class NativeBlockTest {

  @Test
  void isAlignedAndHoldsWhatIsPutIn() {
    for (int length = 1; length < 40; length++) {
      float[] values = new float[length];
      values[length - 1] = length;
      try (NativeBlock block = NativeBlock.of(values)) {
        assertThat(block.address() % NativeBlock.ALIGNMENT).isZero();
        assertThat(block.bytes(4L * (length - 1), 4).getFloat(0)).isEqualTo(length);
      }
    }
  }

  @Test
  void saysThatThereIsNoMemoryLeft() {
    assertThatThrownBy(() -> new NativeBlock(1L << 50))
        .isInstanceOf(DeviceMemoryException.class)
        .hasMessage("the process gets no 1073741824 MB of memory");
  }
}
