package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeakMemoryTest {

  @Test
  void readsTheHighWaterMarkOfLinux() {
    assertThat(PeakMemory.parse("VmPeak:\t 9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 7 kB\n"))
        .hasValue(2048 * 1024);
  }

  @Test
  void isUnknownWhereTheSystemDoesNotTell() {
    assertThat(PeakMemory.parse("")).isEmpty();
  }
}
