package io.atrous.cli;

import io.atrous.SegmentationService;
import io.atrous.ServiceConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code atrous run}: the service against the user's own cluster and registry. */
@Command(
    name = "run",
    description =
        "Runs the service against your cluster. SIGTERM drains: every frame taken is answered or"
            + " left for the next instance.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings, a key=value a line (docs/configuration.md).")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting; goes before the file and the environment.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public Integer call() throws InterruptedException {
    ServiceConfig serviceConfig =
        ServiceConfig.of(ServiceConfig.merge(config, System.getenv(), settings));
    SegmentationService service = SegmentationService.start(serviceConfig);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(service), "drain"));
    return service.awaitStop() ? 0 : Main.SERVICE_STOPPED;
  }

  /** Ends the process itself: after a signal the JVM would report the signal, not the outcome. */
  private static void drain(SegmentationService service) {
    service.close();
    Runtime.getRuntime().halt(service.failure().isPresent() ? Main.SERVICE_STOPPED : 0);
  }
}
