package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.util.cuda.CudaUtils;
import io.atrous.inference.DeviceMemory;
import io.atrous.inference.ExecutionTarget;
import java.lang.management.MemoryUsage;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the memory of the devices that PyTorch computes on.
 *
 * <p><b>Threading:</b> thread-safe. CUDA may keep the caller waiting while a device hangs.
 */
final class TorchDeviceMemory {

  private static final Logger LOG = LoggerFactory.getLogger(TorchDeviceMemory.class);

  private TorchDeviceMemory() {}

  /** Reads a device's memory; empty if it doesn't tell. */
  static Optional<DeviceMemory> of(ExecutionTarget device) {
    return device instanceof ExecutionTarget.Cuda cuda ? ofGpu(cuda.index()) : DeviceMemory.ofCpu();
  }

  private static Optional<DeviceMemory> ofGpu(int index) {
    try {
      MemoryUsage memory = CudaUtils.getGpuMemory(Device.gpu(index));
      return Optional.of(new DeviceMemory(memory.getCommitted(), memory.getMax()));
    } catch (EngineException e) {
      LOG.debug("CUDA device {} does not tell its memory", index, e);
      return Optional.empty();
    }
  }
}
