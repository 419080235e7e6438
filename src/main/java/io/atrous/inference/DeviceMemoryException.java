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
   * A failure of the engine as what it is: of this type if it, or any of its causes, is for lack of
   * memory.
   */
  static RuntimeException orSame(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof EngineException inTorch && SIGNS.stream().anyMatch(message::contains)) {
        return new DeviceMemoryException(
            "the device is out of memory: " + TorchScriptModule.reason(inTorch), failure);
      }
    }
    return failure;
  }
}
