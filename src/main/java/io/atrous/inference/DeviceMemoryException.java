package io.atrous.inference;

import ai.djl.engine.EngineException;
import io.atrous.network.TorchScriptModule;
import java.util.List;

/**
 * The device, or the process on a CPU, has no memory left for a batch. That says nothing of its
 * images: each takes the same.
 */
public final class DeviceMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * How PyTorch and what it rests on say so: its allocators on CUDA and on a CPU, cuBLAS and cuDNN,
   * and C++ (c10/cuda/CUDACachingAllocator.cpp, c10/core/impl/alloc_cpu.cpp). It has no type for it
   * that comes through to Java.
   */
  private static final List<String> SIGNS =
      List.of(
          "out of memory",
          "can't allocate memory",
          "not enough memory",
          "CUBLAS_STATUS_ALLOC_FAILED",
          "CUDNN_STATUS_ALLOC_FAILED",
          "bad_alloc");

  private DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }

  public DeviceMemoryException(String message) {
    super(message);
  }

  /**
   * Returns a failure as this type if the engine's exception behind it, at any depth, tells of a
   * lack of memory, and the failure itself otherwise.
   */
  public static RuntimeException orSame(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof EngineException inEngine && isForLackOfMemory(inEngine)) {
        return new DeviceMemoryException(
            "the device is out of memory: " + TorchScriptModule.reason(inEngine), failure);
      }
    }
    return failure;
  }

  private static boolean isForLackOfMemory(EngineException failure) {
    String message = String.valueOf(failure.getMessage());
    return SIGNS.stream().anyMatch(message::contains);
  }
}
