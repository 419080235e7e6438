package io.atrous.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.bench.ServiceHost.Report;
import io.atrous.bench.ServiceHost.Subject;
import io.atrous.process.ChildJvm;
import io.atrous.process.ChildProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a {@link ServiceHost}, with the flags and the environment of this JVM.
 *
 * <p><b>Threading:</b> confined to one thread. Owns the process.
 */
final class HostedService implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Subject subject;
  private final ChildProcess child;

  private HostedService(Subject subject, ChildProcess child) {
    this.subject = subject;
    this.child = child;
  }

  /**
   * Starts a process without a service in it.
   *
   * @param masks the masks of the null engine; null for a model
   */
  static HostedService launch(Subject subject, @Nullable Path masks) throws IOException {
    List<String> options = new ArrayList<>();
    options.add("-Datrous.log=ERROR");
    // Kafka warns of what it gets over by itself.
    options.add("-Datrous.log.kafka=ERROR");
    // The last of two goes before the first: these can be set by hand.
    options.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    List<String> arguments =
        masks == null ? List.of(subject.name()) : List.of(subject.name(), masks.toString());
    return new HostedService(
        subject,
        ChildProcess.start(
            ChildJvm.running(ServiceHost.class, options, arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)));
  }

  /** Starts a service, and returns when it has partitions. */
  void start(Map<String, String> settings) throws IOException {
    ask(JSON.writeValueAsString(settings));
  }

  /** Returns the number of frames that its engines have labelled since the process began. */
  long frames() throws IOException {
    return Long.parseLong(ask(ServiceHost.COUNT));
  }

  /** Returns what it has done and used at the end of its next batch. */
  Report read() throws IOException {
    return JSON.readValue(ask(ServiceHost.READ), Report.class);
  }

  /** Drains and stops the service. */
  void stop() throws IOException {
    ask(ServiceHost.STOP);
  }

  private String ask(String request) {
    String answer;
    try {
      answer = child.ask(request);
    } catch (IOException e) {
      throw new BenchFailedException("The process of " + subject + " has ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailedException("Interrupted while waiting for " + subject);
    }
    if (answer.startsWith(ServiceHost.FAILED)) {
      throw new BenchFailedException(subject + " " + answer);
    }
    return answer;
  }

  @Override
  public void close() {
    child.close();
  }
}
