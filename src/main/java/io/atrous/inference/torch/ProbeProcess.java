package io.atrous.inference.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.torch.KernelProbe.Trial;
import io.atrous.inference.torch.KernelProbe.TrialOutcome;
import io.atrous.process.ChildJvm;
import io.atrous.process.ChildProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * The handle of a {@link KernelProbe}, or of another main class that answers as it does.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the process.
 */
final class ProbeProcess implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The properties that say where PyTorch is and what it may do: a child needs them too. */
  private static final List<String> INHERITED =
      List.of("ai.djl.", "DJL_", "ENGINE_CACHE_DIR", "PYTORCH_", "java.io.tmpdir", "atrous.log");

  private final ChildProcess child;

  private ProbeProcess(ChildProcess child) {
    this.child = child;
  }

  /** Starts a process with the environment of this one; what it complains of goes the same way. */
  static ProbeProcess launch(Class<?> main, List<String> arguments) throws IOException {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED"));
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> INHERITED.stream().anyMatch(name::startsWith))
        .forEach(name -> options.add("-D" + name + "=" + System.getProperty(name)));
    return new ProbeProcess(
        ChildProcess.start(
            ChildJvm.running(main, options, arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)));
  }

  /**
   * Has a kernel tried.
   *
   * @throws IOException if the process has ended, or does so over this
   * @throws TimeoutException if it says nothing in time
   */
  TrialOutcome ask(Trial trial, Duration limit)
      throws IOException, TimeoutException, InterruptedException {
    return JSON.readValue(child.ask(JSON.writeValueAsString(trial), limit), TrialOutcome.class);
  }

  /** Ends the process; does not wait for one that the device holds. */
  @Override
  public void close() {
    child.process().destroyForcibly();
  }
}
