package io.atrous.inference.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.torch.KernelProbe.Trial;
import io.atrous.inference.torch.KernelProbe.TrialOutcome;
import io.atrous.process.ParentProcess;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** A process that answers as a {@link KernelProbe} does, out of thin air, or does not. */
final class ScriptedProbe {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What it does to a fused kernel, channels last, of a kernel of 3x3. */
  enum Fault {
    ABORT,
    HANG,
    FAIL,
    /** Fails on one image, but not on more. */
    FAIL_ALONE
  }

  private ScriptedProbe() {}

  public static void main(String[] arguments) {
    Fault fault = Fault.valueOf(arguments[0]);
    ParentProcess.connect()
        .answer(
            request ->
                JSON.writeValueAsString(outcome(JSON.readValue(request, Trial.class), fault)));
  }

  private static TrialOutcome outcome(Trial trial, Fault fault)
      throws IOException, InterruptedException {
    String failure = null;
    if (trial.kernel() == ConvolutionKernel.FUSED && trial.shape().unit().kernel() == 3) {
      switch (fault) {
        case ABORT -> abort();
        case HANG -> new CountDownLatch(1).await();
        case FAIL -> failure = "it differs";
        case FAIL_ALONE -> failure = trial.shape().batchSize() == 1 ? "it differs" : null;
      }
    }
    return new TrialOutcome(nanos(trial), failure);
  }

  /** Fused kernels are faster, and those in planes slower than they would be otherwise. */
  static long nanos(Trial trial) {
    return switch (trial.kernel()) {
      case FUSED -> 10;
      case FUSED_CONTIGUOUS -> 20;
      case PLAIN -> 30;
      case PLAIN_CONTIGUOUS -> 40;
    };
  }

  private static void abort() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-ABRT", String.valueOf(ProcessHandle.current().pid()))
        .inheritIO()
        .start()
        .waitFor();
    throw new IllegalStateException("still here");
  }
}
