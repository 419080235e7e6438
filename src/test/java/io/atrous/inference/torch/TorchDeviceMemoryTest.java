package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.atrous.inference.DeviceMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TorchDeviceMemoryTest {

  @Test
  void aCpuTellsWhatThisProcessHolds() {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "Linux alone tells");

    DeviceMemory memory = new TorchScriptBackend(System::nanoTime).memory("cpu").orElseThrow();

    assertThat(memory.usedBytes()).isPositive().isLessThan(memory.limitBytes());
  }
}
