package io.atrous.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.Engines;
import io.atrous.SegmentationService;
import io.atrous.inference.EngineBackend;
import io.atrous.inference.ExecutionTarget;
import io.atrous.process.ParentProcess;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ServiceConfig;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a process in which a service runs that a bench measures: a JVM of its own has
 * processor time of its own.
 *
 * <p>A request is {@value #COUNT}, {@value #READ}, {@value #STOP}, or settings as JSON, which start
 * a service. Services come one after another, so that later ones meet warm code.
 */
final class ServiceHost {

  static final String COUNT = "count";
  static final String READ = "read";
  static final String STOP = "stop";
  static final String FAILED = "failed: ";

  private static final String DONE = "done";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
  private static final long BARE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Subject subject;
  private final @Nullable RecordedMasks recorded;
  private final EngineMeter meter = new EngineMeter(System::nanoTime);
  private @Nullable BareNetwork bare;
  private @Nullable AutoCloseable service;

  /** The service that runs in the process. */
  enum Subject {
    /** The service on the null engine. */
    NULL_ENGINE,
    /** The naive service on the null engine. */
    NAIVE,
    /** The service on its model. */
    MODEL
  }

  /** The work of a process, and the speed of its network before a service began to use it. */
  record Report(EngineMeter.Sample reading, @Nullable BareNetwork bare) {}

  private ServiceHost(Subject subject, @Nullable RecordedMasks recorded) {
    this.subject = subject;
    this.recorded = recorded;
  }

  /**
   * Runs services.
   *
   * @param arguments a {@link Subject}, and a file of {@link RecordedMasks} unless it is a model
   */
  public static void main(String[] arguments) throws IOException {
    ParentProcess parent = ParentProcess.connect();
    Subject subject = Subject.valueOf(arguments[0]);
    ServiceHost host =
        new ServiceHost(
            subject, subject == Subject.MODEL ? null : RecordedMasks.read(Path.of(arguments[1])));
    parent.answer(host::answer);
  }

  private String answer(String line) {
    try {
      switch (line) {
        case COUNT -> {
          requireAlive();
          return String.valueOf(meter.frames());
        }
        case READ -> {
          return JSON.writeValueAsString(new Report(meter.atEndOfBatch(), bare));
        }
        case STOP -> stop();
        default -> start(JSON.readValue(line, new TypeReference<HashMap<String, String>>() {}));
      }
      return DONE;
    } catch (Exception e) {
      return (FAILED + e).replace('\n', ' ');
    }
  }

  private void start(Map<String, String> settings)
      throws InterruptedException, JsonProcessingException {
    if (recorded != null) {
      // Masks that are replayed need no device, and PyTorch need not look for one.
      settings.putIfAbsent(NetworkKeys.DEVICE, new ExecutionTarget.Cpu().toString());
    }
    ServiceConfig config = ServiceConfig.of(settings);
    if (subject == Subject.NAIVE && recorded != null) {
      service = NaiveService.start(settings, config, engines(config), START_TIMEOUT);
      return;
    }
    SegmentationService started = SegmentationService.start(config, engines(config));
    service = started;
    if (!started.awaitRunning(START_TIMEOUT)) {
      throw new StartException("The service got no partitions in time");
    }
  }

  private EngineBackend engines(ServiceConfig config) {
    if (recorded != null) {
      return new ReplayBackend(recorded).wrappedBy(meter::on);
    }
    return Engines.of(config)
        .wrappedBy(
            engine -> {
              bare = BareNetwork.measure(engine, BARE_NANOS, System::nanoTime);
              return meter.on(engine);
            });
  }

  private void requireAlive() {
    if (service instanceof SegmentationService running && running.failure().isPresent()) {
      throw new IllegalStateException("the service has stopped: " + running.failure().get());
    }
  }

  private void stop() throws Exception {
    if (service != null) {
      service.close();
      service = null;
    }
  }
}
