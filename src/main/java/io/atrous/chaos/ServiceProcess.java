package io.atrous.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A service instance in a JVM of its own: what {@code bin/atrous run} starts, with flags for a
 * quick start.
 *
 * <p><b>Threading:</b> thread-safe, as its {@link Process} is.
 */
final class ServiceProcess {

  private final String clientId;
  private final Process process;

  private ServiceProcess(String clientId, Process process) {
    this.clientId = clientId;
    this.process = process;
  }

  /**
   * Starts an instance.
   *
   * @param main dispatches to {@code run}
   * @param directory for its temporary files; made if it is not there
   * @param log where its standard error goes, or null
   */
  static ServiceProcess start(
      Class<?> main,
      String clientId,
      Map<String, String> settings,
      Path directory,
      @Nullable Path log)
      throws IOException {
    Files.createDirectories(directory);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "-Dai.djl.offline=true",
                "-Djava.io.tmpdir=" + directory,
                Tether.class.getName(),
                directory.toString(),
                main.getName(),
                "run",
                "--set",
                "streams.client.id=" + clientId));
    settings.forEach(
        (key, value) -> {
          command.add("--set");
          command.add(key + "=" + value);
        });
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("OMP_WAIT_POLICY", "passive");
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(
        log == null
            ? ProcessBuilder.Redirect.DISCARD
            : ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new ServiceProcess(clientId, builder.start());
  }

  /** What the names of its Kafka clients begin with. */
  String clientId() {
    return clientId;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The exit code of an instance that is not alive. */
  int exitCode() {
    return process.exitValue();
  }

  /** SIGKILL; returns once it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM. */
  void terminate() {
    // By its handle: the process itself would also close its input, which ends it at once.
    process.toHandle().destroy();
  }

  /** Waits for its end. */
  boolean awaitExit(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /** Stops its time, as a machine does that swaps or migrates. */
  void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  /** Lets its time go on. */
  void thaw() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", name, String.valueOf(process.pid())).inheritIO().start().waitFor();
  }
}
