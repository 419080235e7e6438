package io.atrous.cli;

import io.atrous.bench.ServiceBench;
import io.atrous.bench.ServiceBench.Contestant;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous bench service}: the whole service, from topic to topic. */
@Command(
    name = "service",
    description = {
      "Runs the service from topic to topic against a broker on this machine.",
      "Both run in JVMs of their own. Tells how many frames are answered while more wait, what"
          + " processor time that costs, and how long a frame takes when few come. Per CPU s is"
          + " frames per second of processor time of the service's process; the broker's and the"
          + " consumer's are told apart. Every frame's outcome is checked."
    },
    showDefaultValues = true)
final class BenchCommandService implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private BenchOutput output = new BenchOutput();

  @Option(
      names = "--service",
      paramLabel = "NAME",
      split = ",",
      description =
          "null for the service with recorded masks instead of a network, naive for a simple service"
              + " to compare with, street for the service with the model in the jar, resnet101 for"
              + " one with untrained weights at 513x513; several with commas.")
  private List<Contestant> services = List.of(Contestant.values());

  @Option(
      names = "--frame",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = "Size of the cameras' pictures.")
  private Size frame = new Size(720, 1280);

  @Option(
      names = "--backlog",
      paramLabel = "N",
      description = "How many frames wait when a service starts.")
  private int backlog = 2000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each service without a network runs.")
  private int rounds = 3;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long such a run is measured at most; with a network three times as long.")
  private int seconds = 5;

  @Option(
      names = "--low-load",
      paramLabel = "FPS",
      description = "Frames per second at which latency is measured.")
  private double lowLoad = 20;

  @Option(
      names = "--set",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "KEY=VALUE",
      description = "A setting of the service (docs/configuration.md); may be given several times.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public Integer call() {
    output.requireWritable();
    ServiceBench bench = bench();
    output.show(invocation.out(), bench.machine(), List.of(bench), ServiceBench::run);
    return 0;
  }

  private ServiceBench bench() {
    ServiceBench.Options options =
        invocation.made(
            () ->
                new ServiceBench.Options(
                    services,
                    frame.height(),
                    frame.width(),
                    backlog,
                    rounds,
                    seconds,
                    lowLoad,
                    settings));
    return new ServiceBench(options, Clock.systemUTC(), System::nanoTime);
  }
}
