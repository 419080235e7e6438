package io.atrous.inference.onednn;

import io.atrous.inference.DeviceMemory;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Runs our models on the CPU through oneDNN. PyTorch is not needed for it.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param nanoTime a clock to time variants with
 */
public record OneDnnBackend(LongSupplier nanoTime) implements EngineBackend {

  @Override
  public String name() {
    return "oneDNN";
  }

  @Override
  public List<ExecutionTarget.Cuda> devices() {
    return List.of();
  }

  @Override
  public boolean mayRun(Model model, ExecutionTarget device) {
    return model instanceof ModelFile && isCpu(device) && OneDnn.isHere();
  }

  private static boolean isCpu(ExecutionTarget device) {
    return device instanceof ExecutionTarget.Cpu || device instanceof ExecutionTarget.Auto;
  }

  @Override
  public SegmentationEngine start(Model model, EngineSettings settings) {
    if (!isCpu(settings.target())) {
      throw new IllegalArgumentException(
          "oneDNN runs on the CPU, not on %s: choose the engine torch or auto"
              .formatted(settings.target()));
    }
    if (!(model instanceof ModelFile file)) {
      throw new IllegalArgumentException(
          "oneDNN runs no TorchScript programs: choose the engine torch or auto");
    }
    return OneDnnEngine.start(file, settings, nanoTime);
  }

  @Override
  public Optional<DeviceMemory> memory(String device) {
    return DeviceMemory.ofCpu();
  }
}
