package io.atrous.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTest {

  @Test
  void namesTheProcessorAsLinuxDoes() {
    assertThat(Machine.processor("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz \nflags\t: fpu\n"))
        .isEqualTo("Some CPU @ 3 GHz");
  }

  @Test
  void saysSoIfThereIsNoName() {
    assertThat(Machine.processor("")).isEqualTo("a processor that does not say its name");
  }
}
