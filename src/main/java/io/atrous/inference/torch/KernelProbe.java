package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.ExecutionTarget;
import io.atrous.network.Precision;
import io.atrous.process.ParentProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a process that tries convolution kernels, since to try one may abort or hang
 * it: each request is a {@link Trial} as JSON, answered by a {@link TrialOutcome}.
 */
final class KernelProbe {

  /** The signs in PyTorch's messages that nothing runs any more: the process has to end. */
  private static final List<String> STICKING = List.of("CUDA error", "cuDNN error");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A kernel to be tried. */
  record Trial(ConvolutionShape shape, ConvolutionKernel kernel) {
    @Override
    public String toString() {
      return kernel.label() + " " + shape;
    }
  }

  /**
   * What came of it.
   *
   * @param nanos the time of a run, if nothing failed
   * @param failure why the kernel is of no use
   */
  record TrialOutcome(long nanos, @Nullable String failure) {}

  private KernelProbe() {}

  /**
   * Answers trials.
   *
   * @param arguments an {@link ExecutionTarget}, a {@link Precision}, and a directory for temporary
   *     files
   */
  public static void main(String[] arguments) throws IOException {
    ParentProcess parent = ParentProcess.connect();
    Device device = TorchScriptEngine.device(ExecutionTarget.parse(arguments[0]));
    Precision precision = Precision.valueOf(arguments[1]);
    TorchScriptCompiler compiler = new TorchScriptCompiler(Path.of(arguments[2]));
    if (device.isGpu()) {
      JniUtils.setBenchmarkCuDNN(true);
    }
    parent.answer(
        request ->
            JSON.writeValueAsString(
                outcome(JSON.readValue(request, Trial.class), precision, compiler, device)));
  }

  private static TrialOutcome outcome(
      Trial trial, Precision precision, TorchScriptCompiler compiler, Device device)
      throws IOException {
    try {
      return new TrialOutcome(
          ConvolutionTrial.nanos(
              trial.shape(), trial.kernel(), precision, compiler, device, System::nanoTime),
          null);
    } catch (EngineException e) {
      if (STICKING.stream().anyMatch(String.valueOf(e.getMessage())::contains)) {
        throw e;
      }
      return new TrialOutcome(0, TorchScriptModule.reason(e));
    }
  }
}
