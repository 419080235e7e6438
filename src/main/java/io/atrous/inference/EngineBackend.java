package io.atrous.inference;

import io.atrous.model.Model;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A way to run models on devices: the seam behind which a runtime's types, exceptions and messages
 * stay.
 *
 * <p><b>Threading:</b> thread-safe; each engine is started on the lane that owns it.
 */
public interface EngineBackend {

  /** The backend's name for logs. */
  String name();

  /** The CUDA devices that this process sees; empty if only the CPU is here. */
  List<ExecutionTarget.Cuda> devices();

  /**
   * Returns whether the backend supports this system, a model and a device; a start may still fail.
   */
  default boolean mayRun(Model model, ExecutionTarget device) {
    return true;
  }

  /**
   * Starts an engine, which is warm when this returns.
   *
   * @throws io.atrous.model.ModelFileException if the model can't be used
   * @throws DeviceMemoryException if the largest batch does not fit
   * @throws IllegalArgumentException if the settings ask for what is not here
   * @throws EngineFailedException if the device computes in none of the precisions asked for
   */
  SegmentationEngine start(Model model, EngineSettings settings);

  /**
   * Reads the memory of a device, which may take long while the device hangs.
   *
   * @param device the name of a device, see {@link EngineProfile#device}
   * @return empty if the device doesn't tell
   */
  default Optional<DeviceMemory> memory(String device) {
    return Optional.empty();
  }

  /** Returns this backend with each engine wrapped in another, such as one that measures it. */
  default EngineBackend wrappedBy(UnaryOperator<SegmentationEngine> wrapper) {
    EngineBackend inner = this;
    return new EngineBackend() {
      @Override
      public String name() {
        return inner.name();
      }

      @Override
      public List<ExecutionTarget.Cuda> devices() {
        return inner.devices();
      }

      @Override
      public boolean mayRun(Model model, ExecutionTarget device) {
        return inner.mayRun(model, device);
      }

      @Override
      public SegmentationEngine start(Model model, EngineSettings settings) {
        return wrapper.apply(inner.start(model, settings));
      }

      @Override
      public Optional<DeviceMemory> memory(String device) {
        return inner.memory(device);
      }
    };
  }
}
