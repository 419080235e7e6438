package io.atrous.inference.torch;

import io.atrous.inference.DeviceMemory;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.ProbabilisticEngine;
import io.atrous.model.Model;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs models as TorchScript through DJL's PyTorch engine, on a CPU or on CUDA devices.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param nanoTime a clock to time variants with
 */
public record TorchScriptBackend(LongSupplier nanoTime) implements EngineBackend {

  private static final Logger LOG = LoggerFactory.getLogger(TorchScriptBackend.class);

  @Override
  public String name() {
    return "TorchScript";
  }

  @Override
  public List<ExecutionTarget.Cuda> devices() {
    int devices = CudaRuntime.mayBeUsed() ? TorchScriptEngine.cudaDevices() : 0;
    CudaRuntime.unusedGpu(CudaRuntime.FIRST_GPU, devices).ifPresent(LOG::warn);
    return IntStream.range(0, devices).mapToObj(ExecutionTarget.Cuda::new).toList();
  }

  @Override
  public ProbabilisticEngine start(Model model, EngineSettings settings) {
    return TorchScriptEngine.start(model, settings, nanoTime);
  }

  @Override
  public Optional<DeviceMemory> memory(String device) {
    return TorchDeviceMemory.of(ExecutionTarget.parse(device));
  }
}
