package io.atrous.cli;

import io.atrous.demo.ClusterCameras;
import io.atrous.demo.FilmingOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous cameras}: the demo's cameras, filming into the user's own cluster. */
@Command(
    name = "cameras",
    description = {
      "Sends synthetic street cameras' frames to the input topic of a service.",
      "It takes the service's settings: brokers, registry, security, and frames.topics with one"
          + " topic, whose partitions the cameras share. Ctrl-C ends it."
    })
final class CamerasCommand implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ConfigOptions config = new ConfigOptions();

  @Option(
      names = "--cameras",
      paramLabel = "N",
      description = {"How many cameras.", "  Default: 4"})
  private int cameras = 4;

  @Option(
      names = "--rate",
      paramLabel = "FPS",
      description = {"Frames per second of each camera.", "  Default: 4"})
  private double rate = 4;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = {"How long they film.", "  Default: until they are stopped"})
  private @Nullable Double seconds;

  @Override
  public Integer call() throws Exception {
    FilmingOptions options = invocation.made(() -> new FilmingOptions(cameras, rate, seconds));
    ClusterCameras fleet =
        new ClusterCameras(config.readForTools(), options, Terminal.standardOutput());
    return OrderlyEnd.of(() -> film(fleet), fleet::stop);
  }

  private int film(ClusterCameras fleet) throws Exception {
    ClusterCameras.Report report = fleet.film();
    PrintWriter out = invocation.out();
    out.printf("%d frames sent, %d skipped%n", report.framesSent(), report.framesSkipped());
    out.flush();
    return 0;
  }
}
