package io.atrous.inference.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.atrous.inference.DeviceMemoryException;
import io.atrous.inference.EngineFailedException;
import io.atrous.model.ModelFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EngineFailuresTest {

  /** PyTorch's own words here and now; those below are of devices that are not here. */
  @Test
  void findsAShortageOfMemoryInWhatPyTorchThrowsOnThisCpu() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Shape tooLarge = new Shape(1L << 46);

      EngineException failure =
          catchThrowableOfType(
              EngineException.class, () -> manager.zeros(tooLarge, DataType.UINT8));

      assertThat(EngineFailures.ofRun(failure))
          .isInstanceOf(DeviceMemoryException.class)
          .hasMessageStartingWith("the device is out of memory: ")
          .hasCause(failure);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 15.77 GiB",
        "CUDA error: out of memory",
        "[enforce fail at alloc_cpu.cpp:83] err == 0. DefaultCPUAllocator: can't allocate memory:"
            + " you tried to allocate 70368744177664 bytes. Error code 12 (Cannot allocate memory)",
        "DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "std::bad_alloc"
      })
  void findsAShortageOfMemoryInWhatAllocatorsSay(String message) {
    assertThat(EngineFailures.ofRun(new EngineException(message)))
        .isInstanceOf(DeviceMemoryException.class);
  }

  /** A user's own program fails as an unusable model, whose cause is the engine's exception. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void findsAShortageOfMemoryHoweverDeepItIsWrapped(int depth) {
    RuntimeException failure = new EngineException("CUDA error: out of memory");
    for (int i = 0; i < depth; i++) {
      failure = new ModelFileException("it fails", failure);
    }

    assertThat(EngineFailures.ofRun(failure))
        .isInstanceOf(DeviceMemoryException.class)
        .hasMessage("the device is out of memory: CUDA error: out of memory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA error: an illegal memory access was encountered",
        "CUDA error: device-side assert triggered",
        "CUDA error: unspecified launch failure",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "The size of tensor a (3) must match the size of tensor b (4)"
      })
  void findsNoShortageInOtherFailuresAndSaysTheirReason(String message) {
    EngineException failure = new EngineException(message);

    assertThat(EngineFailures.ofRun(failure))
        .isInstanceOf(EngineFailedException.class)
        .hasMessage(message)
        .hasCause(failure);
  }
}
