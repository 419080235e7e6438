package io.atrous.inference.torch;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.inference.torch.KernelProbe.Trial;
import io.atrous.inference.torch.KernelProbe.TrialOutcome;
import io.atrous.process.ChildJvm;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
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

  private final Process process;
  private final BufferedWriter trials;
  private final BufferedReader answers;

  private ProbeProcess(Process process) {
    this.process = process;
    this.trials = process.outputWriter(StandardCharsets.UTF_8);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
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
        ChildJvm.running(main, options, arguments)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * Has a kernel tried.
   *
   * @throws IOException if the process has ended, or does so over this
   * @throws TimeoutException if it says nothing in time
   */
  TrialOutcome ask(Trial trial, Duration limit)
      throws IOException, TimeoutException, InterruptedException {
    trials.write(JSON.writeValueAsString(trial));
    trials.newLine();
    trials.flush();
    FutureTask<TrialOutcome> answer = new FutureTask<>(this::answer);
    Thread reader = new Thread(answer, "kernel-probe-answer");
    reader.setDaemon(true);
    reader.start();
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("it said nothing for " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private TrialOutcome answer() throws IOException {
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(KernelProbe.ANSWER)) {
        return JSON.readValue(line.substring(KernelProbe.ANSWER.length()), TrialOutcome.class);
      }
    }
    throw new IOException("it ended");
  }

  /** Ends the process; does not wait for one that the device holds. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
