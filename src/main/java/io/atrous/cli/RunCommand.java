package io.atrous.cli;

import io.atrous.SegmentationService;
import io.atrous.ServiceRun;
import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ServiceConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code atrous run}: the service against the user's own cluster and registry. */
@Command(
    name = "run",
    description = {
      "Runs the service against your cluster.",
      "SIGHUP reloads the model file, if model.reload is not none, without losing a frame.",
      "SIGTERM drains: every frame taken is answered or left for the next instance. Exit code 3: it"
          + " stopped by itself, 4: the device hung; in both cases what was not answered is not"
          + " committed, and the next start answers it."
    })
final class RunCommand implements Callable<Integer> {

  @Mixin private ConfigOptions config = new ConfigOptions();

  @Override
  public Integer call() throws InterruptedException {
    ServiceConfig settings = config.read();
    return ServiceRun.of(() -> SegmentationService.start(settings), NetworkKeys.reload(settings));
  }
}
