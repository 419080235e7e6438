package io.atrous.embedded;

import io.atrous.process.ChildJvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One broker of an {@link EmbeddedKafka}: a child JVM and its directory.
 *
 * <p><b>Threading:</b> confined to one thread. Owns both until {@link #close}; if this JVM dies
 * first, the child sees its standard input end, deletes the directory and exits.
 */
final class BrokerProcess implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final long END_SECONDS = 5;
  private static final int LOG_LINES_SHOWN = 15;

  private final Path directory;
  private final Path dataDirectory;
  private final Path log;
  private @Nullable Process process;

  /**
   * A broker that does not run yet.
   *
   * @param directory its own, and empty
   * @param dataDirectory where it keeps its data, which need not be there
   */
  BrokerProcess(Path directory, Path dataDirectory) {
    this.directory = directory;
    this.dataDirectory = dataDirectory;
    this.log = directory.resolve("broker.log");
  }

  /** Where the broker may keep its data. */
  Path dataDirectory() {
    return dataDirectory;
  }

  /**
   * Launches the child; {@link #awaitReady} says when it serves clients.
   *
   * @param clusterId the cluster that an empty data directory is made for
   */
  void launch(Map<String, String> settings, String clusterId) throws IOException {
    if (process != null) {
      throw new IllegalStateException("The embedded broker is still running");
    }
    Path file = directory.resolve("server.properties");
    Properties properties = new Properties();
    properties.putAll(settings);
    try (OutputStream output = Files.newOutputStream(file)) {
      properties.store(output, null);
    }
    process =
        ChildJvm.running(
                classPath(),
                EmbeddedBroker.class,
                List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-Datrous.log=WARN",
                    "-Datrous.log.kafka=WARN"),
                List.of(file.toString(), directory.toString(), clusterId))
            .redirectError(log.toFile())
            .start();
  }

  /** This JVM's class path, and behind it the broker's jars where the launcher keeps them apart. */
  private static String classPath() {
    String own = System.getProperty("java.class.path");
    String broker = System.getProperty("atrous.broker.classpath");
    return broker == null ? own : own + File.pathSeparator + broker;
  }

  /**
   * Returns once the broker serves clients.
   *
   * @throws PortTakenException if another process has one of its ports
   * @throws IOException in one sentence with the end of the broker's log, if it doesn't start
   */
  void awaitReady() throws IOException {
    Process child = process;
    if (child == null) {
      throw new IllegalStateException("The embedded broker was not launched");
    }
    boolean ready = false;
    try {
      ready = EmbeddedBroker.READY.equals(firstLine(child));
    } finally {
      if (!ready) {
        kill();
      }
    }
    if (!ready) {
      throw failure("The embedded Kafka broker did not start");
    }
  }

  /** Null if the child ended without a word. */
  private @Nullable String firstLine(Process child) throws IOException {
    BufferedReader output = child.inputReader(StandardCharsets.UTF_8);
    CompletableFuture<@Nullable String> line =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return output.readLine();
              } catch (IOException e) {
                return null;
              }
            },
            task -> daemon(task).start());
    try {
      return line.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw failure(
          "The embedded Kafka broker was not ready after " + START_TIMEOUT.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while starting the embedded Kafka broker", e);
    } catch (ExecutionException e) {
      throw new IOException("The embedded Kafka broker can't be heard", e.getCause());
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "embedded-kafka-start");
    thread.setDaemon(true);
    return thread;
  }

  private IOException failure(String sentence) throws IOException {
    List<String> lines = Files.readAllLines(log);
    String end =
        String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    String message = sentence + "; its log ends:\n" + end;
    return lines.stream().anyMatch(line -> line.contains("BindException"))
        ? new PortTakenException(message)
        : new IOException(message);
  }

  /** The running child, if it runs. */
  @Nullable ProcessHandle child() {
    return process == null ? null : process.toHandle();
  }

  /** Ends the child as a power cut would; its data stays. */
  void kill() {
    Process running = process;
    if (running != null) {
      process = null;
      end(running);
    }
  }

  private static void end(Process child) {
    child.destroyForcibly();
    boolean interrupted = false;
    while (child.isAlive()) {
      try {
        child.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells the child to end; {@link #close} waits for it. */
  void beginClose() {
    if (process != null) {
      try (OutputStream input = process.getOutputStream()) {
        input.flush();
      } catch (IOException alreadyGone) {
        // Closing its input was to end it.
      }
    }
  }

  /** Ends the child and deletes its directory. */
  @Override
  public void close() throws IOException {
    beginClose();
    if (process != null) {
      try {
        process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      kill();
    }
    TemporaryDirectory.delete(directory);
  }

  /** Another process took the port between the probe and the start. */
  static final class PortTakenException extends IOException {
    PortTakenException(String message) {
      super(message);
    }
  }
}
