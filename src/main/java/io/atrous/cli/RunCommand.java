package io.atrous.cli;

import io.atrous.SegmentationService;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code atrous run}: the service against the user's own cluster and registry. */
@Command(
    name = "run",
    description =
        "Runs the service against your cluster. SIGTERM drains: every frame taken is answered or"
            + " left for the next instance.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

  @Mixin private ConfigOptions config = new ConfigOptions();

  @Override
  public Integer call() throws InterruptedException {
    SegmentationService service = SegmentationService.start(config.read());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(service), "drain"));
    return service.awaitStop() ? 0 : Main.SERVICE_STOPPED;
  }

  /** Ends the process itself: after a signal the JVM would report the signal, not the outcome. */
  private static void drain(SegmentationService service) {
    service.close();
    Runtime.getRuntime().halt(service.failure().isPresent() ? Main.SERVICE_STOPPED : 0);
  }
}
