package io.atrous.inference;

import io.atrous.model.Model;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** A backend whose devices and engines are a test's. */
public record ScriptedBackend(
    int cudaDevices, BiFunction<Model, EngineSettings, SegmentationEngine> engines)
    implements EngineBackend {

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public List<ExecutionTarget.Cuda> devices() {
    return IntStream.range(0, cudaDevices).mapToObj(ExecutionTarget.Cuda::new).toList();
  }

  @Override
  public SegmentationEngine start(Model model, EngineSettings settings) {
    return engines.apply(model, settings);
  }

  @Override
  public Optional<DeviceMemory> memory(String device) {
    return Optional.of(new DeviceMemory(1 << 20, 1 << 30));
  }
}
