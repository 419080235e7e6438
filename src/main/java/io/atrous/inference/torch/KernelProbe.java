package io.atrous.inference.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.ExecutionTarget;
import io.atrous.network.ConvolutionKernel;
import io.atrous.network.ConvolutionShape;
import io.atrous.network.ConvolutionTrial;
import io.atrous.network.Precision;
import io.atrous.network.TorchScriptCompiler;
import io.atrous.network.TorchScriptModule;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a process that tries convolution kernels, since to try one may abort or hang
 * it: each line on its standard input is a {@link Trial} as JSON, answered by a line that is an
 * {@link TrialOutcome}. When its input ends, so does it, whatever it is at.
 */
final class KernelProbe {

  /** An answer begins with it: PyTorch and the JVM may write other lines. */
  static final String ANSWER = "answer: ";

  /** What PyTorch says of failures after which nothing runs any more: the process has to end. */
  private static final List<String> STICKING = List.of("CUDA error", "cuDNN error");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is to be tried. */
  record Trial(ConvolutionShape shape, ConvolutionKernel kernel) {
    @Override
    public String toString() {
      return kernel.label() + " " + shape;
    }
  }

  /**
   * What came of it.
   *
   * @param nanos of a run, if nothing failed
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
  public static void main(String[] arguments) throws IOException, InterruptedException {
    // Whatever else prints must not be taken for an answer.
    PrintStream parent =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BlockingQueue<String> trials = new LinkedBlockingQueue<>();
    Thread listener = new Thread(() -> listen(trials), "kernel-probe-input");
    listener.setDaemon(true);
    listener.start();
    Device device = TorchScriptEngine.device(ExecutionTarget.parse(arguments[0]));
    Precision precision = Precision.valueOf(arguments[1]);
    TorchScriptCompiler compiler = new TorchScriptCompiler(Path.of(arguments[2]));
    if (device.isGpu()) {
      JniUtils.setBenchmarkCuDNN(true);
    }
    while (true) {
      Trial trial = JSON.readValue(trials.take(), Trial.class);
      TrialOutcome outcome;
      try {
        outcome =
            new TrialOutcome(
                ConvolutionTrial.nanos(
                    trial.shape(), trial.kernel(), precision, compiler, device, System::nanoTime),
                null);
      } catch (EngineException e) {
        if (STICKING.stream().anyMatch(String.valueOf(e.getMessage())::contains)) {
          throw e;
        }
        outcome = new TrialOutcome(0, TorchScriptModule.reason(e));
      }
      parent.println(ANSWER + JSON.writeValueAsString(outcome));
    }
  }

  private static void listen(BlockingQueue<String> trials) {
    try {
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        trials.add(line);
      }
    } catch (IOException e) {
      System.err.println("The kernel probe can't hear its parent: " + e);
    } finally {
      // Nothing that a library might want to clean up is worth waiting for.
      Runtime.getRuntime().halt(0);
    }
  }
}
