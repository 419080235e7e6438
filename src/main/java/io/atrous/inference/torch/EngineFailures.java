package io.atrous.inference.torch;

import ai.djl.engine.EngineException;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineFailedException;
import java.util.List;

/** Translates failures of PyTorch into the exceptions that may cross the engine seam. */
final class EngineFailures {

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

  private EngineFailures() {}

  /**
   * A failed run as what it is: a {@link DeviceMemoryException} if it, or any of its causes, is for
   * lack of memory; an {@link EngineFailedException} if PyTorch failed otherwise; else itself.
   */
  static RuntimeException ofRun(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof EngineException inTorch && SIGNS.stream().anyMatch(message::contains)) {
        return new DeviceMemoryException(
            "the device is out of memory: " + TorchScriptModule.reason(inTorch), failure);
      }
    }
    return failure instanceof EngineException inTorch ? failed(inTorch) : failure;
  }

  /** A failure of PyTorch, with its reason in one line. */
  static EngineFailedException failed(EngineException failure) {
    return new EngineFailedException(TorchScriptModule.reason(failure), failure);
  }
}
