package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessMemoryTest {

  @Test
  void readsWhatLinuxSays() {
    assertThat(ProcessMemory.parse("VmPeak:\t 9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 7 kB\n"))
        .hasValue(new ProcessMemory(7 * 1024, 2048 * 1024));
  }

  @Test
  void isUnknownWhereTheSystemDoesNotTell() {
    assertThat(ProcessMemory.parse("")).isEmpty();
    assertThat(ProcessMemory.parse("VmHWM:\t  2048 kB\n")).isEmpty();
  }
}
