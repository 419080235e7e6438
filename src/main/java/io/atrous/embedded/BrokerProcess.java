package io.atrous.embedded;

import io.atrous.process.ChildJvm;
import io.atrous.process.ChildProcess;
import io.atrous.process.TemporaryDirectory;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One broker of an {@link EmbeddedKafka}: a child JVM and its directory.
 *
 * <p><b>Threading:</b> confined to one thread. Owns both until {@link #close}; if this JVM dies
 * first, the child deletes the directory and ends.
 */
final class BrokerProcess implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final int LOG_LINES_SHOWN = 15;

  private final Path directory;
  private final Path dataDirectory;
  private final Path log;
  private @Nullable ChildProcess child;

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
    if (child != null) {
      throw new IllegalStateException("The embedded broker is still running");
    }
    Path file = directory.resolve("server.properties");
    Properties properties = new Properties();
    properties.putAll(settings);
    try (OutputStream output = Files.newOutputStream(file)) {
      properties.store(output, null);
    }
    child =
        ChildProcess.start(
            ChildJvm.running(
                    classPath(),
                    EmbeddedBroker.class,
                    List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-Datrous.log=WARN",
                        "-Datrous.log.kafka=WARN",
                        // Sentences quote the end of its log.
                        "-Datrous.log.format=text"),
                    List.of(file.toString(), directory.toString(), clusterId))
                .redirectError(log.toFile()));
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
    if (child == null) {
      throw new IllegalStateException("The embedded broker was not launched");
    }
    boolean ready = false;
    try {
      child.ask(EmbeddedBroker.READY, START_TIMEOUT);
      ready = true;
    } catch (TimeoutException e) {
      throw failure(
          "The embedded Kafka broker was not ready after " + START_TIMEOUT.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while starting the embedded Kafka broker", e);
    } catch (IOException e) {
      throw failure("The embedded Kafka broker did not start");
    } finally {
      if (!ready) {
        kill();
      }
    }
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
    return child == null ? null : child.process().toHandle();
  }

  /** Ends the child as a power cut would; its data stays. */
  void kill() {
    if (child != null) {
      child.process().destroyForcibly();
      child.close();
      child = null;
    }
  }

  /** Ends the child and deletes its directory. */
  @Override
  public void close() throws IOException {
    if (child != null) {
      child.close();
      child = null;
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
