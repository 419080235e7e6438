package io.atrous.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.tracing.FrameTracer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class InferenceMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final InferenceMetrics metrics = new InferenceMetrics(registry, () -> 0, FrameTracer.OFF);

  @Test
  void showsTheMemoryThatADeviceTellsAndKeepsItWhenItTellsNoMore() {
    metrics.device("cpu");
    metrics.device("cuda:0");

    metrics.readMemory(device -> Optional.empty());
    assertThat(registry.find("atrous.device.memory.used").gauges()).isEmpty();

    metrics.readMemory(device -> cudaOnly(device, 3));
    metrics.readMemory(device -> cudaOnly(device, 5));
    metrics.readMemory(device -> Optional.empty());

    Gauge used = registry.get("atrous.device.memory.used").gauge();
    assertThat(used.getId().getTag("device")).isEqualTo("cuda:0");
    assertThat(used.value()).isEqualTo(5);
    assertThat(registry.get("atrous.device.memory.limit").gauge().value()).isEqualTo(8);
  }

  private static Optional<DeviceMemory> cudaOnly(String device, long usedBytes) {
    return device.equals("cpu") ? Optional.empty() : Optional.of(new DeviceMemory(usedBytes, 8));
  }
}
