package io.atrous.chaos;

import io.atrous.process.ChildJvm;
import io.atrous.process.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A service instance in a JVM of its own ({@link FaultyInstance}), with flags for a quick start.
 *
 * <p><b>Threading:</b> thread-safe, as its {@link ChildProcess} is.
 */
final class ServiceProcess {

  private final String clientId;
  private final ChildProcess child;

  private ServiceProcess(String clientId, ChildProcess child) {
    this.clientId = clientId;
    this.child = child;
  }

  /**
   * What an instance may use.
   *
   * @param heapMegabytes the size in megabytes of the Java heap; an instance that needs more ends
   *     with exit code 3 of the JVM's own
   * @param millisPerImage the least time that each image takes the engine
   */
  record Capacity(int heapMegabytes, int millisPerImage) {

    /** The default heap, and an engine that is not slowed down. */
    static final Capacity USUAL = new Capacity(384, 0);
  }

  /**
   * Starts an instance.
   *
   * @param directory for its temporary files; made if it is not there
   * @param log the place where its standard error goes, or null
   */
  static ServiceProcess start(
      String clientId,
      Map<String, String> settings,
      Capacity capacity,
      Path directory,
      @Nullable Path log)
      throws IOException {
    Files.createDirectories(directory);
    List<String> options =
        List.of(
            "-Xmx" + capacity.heapMegabytes() + "m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dai.djl.offline=true",
            "-Djava.io.tmpdir=" + directory);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                directory.toString(),
                String.valueOf(capacity.millisPerImage()),
                "streams.client.id=" + clientId));
    settings.forEach((key, value) -> arguments.add(key + "=" + value));
    ProcessBuilder builder = ChildJvm.running(FaultyInstance.class, options, arguments);
    builder.environment().put("OMP_WAIT_POLICY", "passive");
    builder.redirectError(
        log == null
            ? ProcessBuilder.Redirect.DISCARD
            : ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new ServiceProcess(clientId, ChildProcess.start(builder));
  }

  /**
   * Has its engine misbehave from now on.
   *
   * @return false if it is too late: the instance has ended
   */
  boolean inject(EngineFault fault) throws InterruptedException {
    return ask(fault.name()).isPresent();
  }

  /** What it says of itself; empty if it has ended. */
  Optional<FaultyInstance.Report> report() throws InterruptedException {
    return ask(FaultyInstance.REPORT).map(FaultyInstance.Report::parse);
  }

  private Optional<String> ask(String request) throws InterruptedException {
    try {
      return Optional.of(child.ask(request));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What the names of its Kafka clients begin with. */
  String clientId() {
    return clientId;
  }

  boolean isAlive() {
    return child.process().isAlive();
  }

  /** The exit code of an instance that is not alive. */
  int exitCode() {
    return child.process().exitValue();
  }

  /** SIGKILL; returns once it is gone. */
  void kill() throws InterruptedException {
    child.process().destroyForcibly().waitFor();
  }

  /** SIGTERM. */
  void terminate() {
    // By its handle: the process itself would also close its input, which ends it at once.
    child.process().toHandle().destroy();
  }

  /** The physical memory that it holds, heap and all else; 0 if it has ended. */
  long residentBytes() {
    try (Stream<String> status =
        Files.lines(Path.of("/proc/" + child.process().pid() + "/status"))) {
      return status
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  /** Waits for its end. */
  boolean awaitExit(long millis) throws InterruptedException {
    return child.process().waitFor(millis, TimeUnit.MILLISECONDS);
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
    new ProcessBuilder("kill", name, String.valueOf(child.process().pid()))
        .inheritIO()
        .start()
        .waitFor();
  }
}
