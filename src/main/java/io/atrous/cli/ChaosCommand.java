package io.atrous.cli;

import io.atrous.chaos.Chaos;
import io.atrous.chaos.ChaosOptions;
import io.atrous.chaos.ChaosReport;
import io.atrous.settings.ProcessingGuarantee;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous chaos}: breaks things around the service and checks its guarantees. */
@Command(
    name = "chaos",
    description = {
      "Breaks things around the service on this machine, and checks that every guarantee holds"
          + " (docs/guarantees.md).",
      "Kills instances, restarts the broker, lets the registry fail, and more, while cameras send."
          + " Exit code 0 only if all guarantees held. Ctrl-C ends it without a verdict."
    },
    showDefaultValues = true,
    subcommands = ChaosCommandFlood.class)
final class ChaosCommand implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ReportFile report = new ReportFile();

  @Option(names = "--minutes", paramLabel = "N", description = "How long faults strike.")
  private double minutes = 5;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description = "Enough after so many kills that hit frames in flight, if that is sooner.")
  private @Nullable Integer kills;

  @Option(
      names = "--guarantee",
      paramLabel = "GUARANTEE",
      description = "exactly_once_v2 or at_least_once.")
  private ProcessingGuarantee guarantee = ProcessingGuarantee.EXACTLY_ONCE_V2;

  @Option(names = "--instances", paramLabel = "N", description = "How many instances run.")
  private int instances = 1;

  @Option(names = "--group-protocol", paramLabel = "PROTOCOL", description = "classic or streams.")
  private String groupProtocol = "classic";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = {"Which faults come in which order.", "  Default: drawn, and told"})
  private @Nullable Long seed;

  @Option(
      names = "--default-timeouts",
      description = "Leave Kafka's time-outs as they are: each kill then takes most of a minute.")
  private boolean defaultTimeouts;

  @Option(
      names = "--disk-full",
      description =
          "Let a broker's disk be full now and then: mounts a small file system in memory, which"
              + " takes Linux and root's rights.")
  private boolean diskFull;

  @Option(names = "--logs", paramLabel = "DIR", description = "Keep the instances' logs.")
  private @Nullable Path logs;

  @Override
  public Integer call() throws Exception {
    report.requireWritable();
    if (logs != null) {
      OutputFile.makeFolder("--logs", logs);
    }
    ChaosOptions options = options();
    System.err.println("Seed " + options.seed());
    Chaos chaos = new Chaos(options, System.err::println);
    return OrderlyEnd.of(() -> run(chaos), chaos::stop);
  }

  private int run(Chaos chaos) throws IOException, InterruptedException {
    ChaosReport result = chaos.run();
    report.write(result);
    print(result);
    return result.allGuaranteesHeld() ? 0 : Main.FAILED;
  }

  private ChaosOptions options() {
    return invocation.made(
        () ->
            new ChaosOptions(
                guarantee,
                minutes,
                kills,
                instances,
                groupProtocol,
                seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed,
                defaultTimeouts,
                ChaosOptions.REDUNDANT_BROKERS,
                diskFull,
                logs));
  }

  private static void print(ChaosReport result) {
    System.out.printf(
        "%d kills, %d of them with frames in flight; faults: %s%n",
        result.kills(), result.killsWithFramesInFlight(), result.faults());
    System.out.printf(
        "%d frames in (%d poisoned), %d answered, %d lost, %d duplicated, %d reordered (%s)%n",
        result.framesIn(),
        result.poisoned(),
        result.outcomes(),
        result.lost(),
        result.duplicated(),
        result.reordered(),
        result.guarantee());
    System.out.println("Time-outs: " + result.timeouts());
    Stream.concat(result.held().stream(), result.broken().stream()).forEach(System.out::println);
  }
}
