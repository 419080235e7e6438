package io.atrous.cli;

import io.atrous.chaos.Flood;
import io.atrous.chaos.FloodOptions;
import io.atrous.chaos.FloodReport;
import io.atrous.settings.ShedAccounting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous chaos flood}: more frames than can be answered, for long. */
@Command(
    name = "flood",
    description = {
      "Sends more frames than can be answered, and checks that each is accounted for.",
      "One instance gets 1.5 times the frames that its engine can answer, which is slowed down so"
          + " that this does not depend on the machine; frames older than two seconds are shed."
          + " With --large: a thousand cameras with frames of a megabyte, twice as many as can be"
          + " answered, 1 GB of heap, and none is shed. Tells how memory and latency went. Exit"
          + " code 0 only if all guarantees held. Ctrl-C ends it without a verdict."
    },
    showDefaultValues = true)
final class ChaosCommandFlood implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ReportFile report = new ReportFile();

  @Option(names = "--minutes", paramLabel = "N", description = "How long the cameras send.")
  private double minutes = 10;

  @Option(names = "--large", description = "A thousand cameras with frames of a megabyte.")
  private boolean large;

  @Option(
      names = "--accounting",
      paramLabel = "ACCOUNTING",
      description = "What shed frames leave behind: dead_letter or counter.")
  private ShedAccounting accounting = ShedAccounting.DEAD_LETTER;

  @Option(names = "--log", paramLabel = "FILE", description = "Keep the instance's log.")
  private @Nullable Path log;

  @Override
  public Integer call() throws Exception {
    report.requireWritable();
    if (log != null) {
      OutputFile.requireWritable("--log", log);
    }
    Flood flood = new Flood(options(), System.err::println);
    return OrderlyEnd.of(() -> run(flood), flood::stop);
  }

  private int run(Flood flood) throws IOException, InterruptedException {
    FloodReport result = flood.run();
    report.write(result);
    print(result);
    return result.allGuaranteesHeld() ? 0 : Main.FAILED;
  }

  private FloodOptions options() {
    return invocation.made(
        () ->
            large
                ? FloodOptions.large(minutes, log)
                : FloodOptions.overload(minutes, accounting, log));
  }

  private static void print(FloodReport result) {
    System.out.printf(
        "%d frames of %d bytes from %d cameras in %.0f s, %.1f per second; the engine answers %.1f%n",
        result.framesIn(),
        result.bytesPerFrame(),
        result.cameras(),
        result.seconds(),
        result.framesPerSecond(),
        result.capacity());
    System.out.printf(
        "%d masks, %d shed; at most %d frames behind, the last after %.0f s more%n",
        result.masks(), result.shed(), result.mostFramesBehind(), result.secondsToDrain());
    System.out.printf(
        "Latency of masks in ms: p50 %d, p99 %d, max %d%n",
        result.latencyMillis().p50(), result.latencyMillis().p99(), result.latencyMillis().max());
    System.out.printf(
        "Memory in MB, by thirds of the time: resident %s, live heap %s of %d%n",
        result.residentMegabytes(), result.liveHeapMegabytes(), result.heapMegabytes());
    Stream.concat(result.held().stream(), result.broken().stream()).forEach(System.out::println);
  }
}
