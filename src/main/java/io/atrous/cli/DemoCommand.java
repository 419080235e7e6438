package io.atrous.cli;

import io.atrous.demo.Demo;
import io.atrous.demo.DemoOptions;
import io.atrous.demo.DemoReport;
import io.atrous.model.Model;
import io.atrous.settings.ProcessingGuarantee;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous demo}: the main job, live, on one machine. */
@Command(
    name = "demo",
    description = {
      "Shows the main job on this machine: a real Kafka broker, cameras, the service, and a"
          + " consumer.",
      "Ctrl-C drains and ends it."
    },
    showDefaultValues = true)
final class DemoCommand implements Callable<Integer> {

  private static final double DEFAULT_SECONDS = 20;

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ReportFile report = new ReportFile();

  @Option(names = "--cameras", paramLabel = "N", description = "How many cameras.")
  private int cameras = 4;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = {"How long they film.", "  Default: 20; with --images until all are shown"})
  private @Nullable Double seconds;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Show the JPEG and PNG files of a folder, each once, instead of scenes.")
  private @Nullable Path images;

  @Option(names = "--rate", paramLabel = "FPS", description = "Frames per second of each camera.")
  private double rate = 4;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model file, or " + Model.SHIPPED + " for the one in the jar.")
  private String model = Model.SHIPPED;

  @Option(
      names = "--guarantee",
      paramLabel = "GUARANTEE",
      description = "exactly_once_v2 or at_least_once.")
  private ProcessingGuarantee guarantee = ProcessingGuarantee.EXACTLY_ONCE_V2;

  @Option(
      names = "--snapshots",
      paramLabel = "DIR",
      description = "Write pictures: frame, mask over frame, outlines of regions.")
  private @Nullable Path snapshots;

  @Option(
      names = "--metrics",
      paramLabel = "PORT",
      description =
          "Port of this machine at which the live page and the metrics are; 0: any that is free.")
  private int webPort;

  @Override
  public Integer call() throws Exception {
    report.requireWritable();
    Terminal terminal = Terminal.standardOutput();
    Demo demo = new Demo(options(), terminal);
    return OrderlyEnd.of(() -> run(demo, terminal), demo::stop);
  }

  private int run(Demo demo, Terminal terminal) throws IOException, InterruptedException {
    DemoReport result = demo.run();
    report.write(result);
    terminal.step(summary(result));
    if (snapshots != null) {
      terminal.step("Pictures are in " + snapshots);
    }
    return result.complete() ? 0 : Main.FAILED;
  }

  private DemoOptions options() {
    return invocation.made(
        () ->
            new DemoOptions(
                cameras,
                seconds == null && images == null ? Double.valueOf(DEFAULT_SECONDS) : seconds,
                images,
                rate,
                model,
                guarantee,
                snapshots,
                webPort));
  }

  private static String summary(DemoReport report) {
    StringBuilder text = new StringBuilder();
    row(text, "frames in", "%d", report.framesIn());
    row(text, "masks out", "%d", report.masksOut());
    row(text, "regions out", "%d", report.regionsOut());
    row(text, "dead letters", "%d", report.deadLetters());
    row(text, "frames per second", "%.1f", report.framesPerSecond());
    row(text, "average batch", "%.2f frames", report.averageBatchSize());
    row(text, "widest batch", "%d partitions", report.partitionsInWidestBatch());
    DemoReport.LatencyMillis latency = report.latencyMillis();
    if (latency != null) {
      row(
          text,
          "capture to consumer",
          "p50 %.0f ms, p95 %.0f ms, p99 %.0f ms",
          latency.p50(),
          latency.p95(),
          latency.p99());
    }
    Double meanIoU = report.meanIoU();
    if (meanIoU != null) {
      row(text, "mean IoU", "%.3f against the cameras' ground truth", meanIoU);
    }
    row(text, "guarantee", "%s", report.guarantee());
    row(text, "model", "%s", report.model());
    return text.toString().stripTrailing();
  }

  private static void row(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "  %-20s ", name))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
