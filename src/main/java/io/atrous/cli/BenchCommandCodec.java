package io.atrous.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.bench.CodecBench;
import io.atrous.bench.CodecComparison;
import io.atrous.bench.CodecReport;
import io.atrous.bench.CodecReport.Row;
import io.atrous.mask.ConfidenceLevels;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code atrous bench codec}: how small and how fast masks become in each format. */
@Command(
    name = "codec",
    description = {
      "Encodes and decodes the masks and confidence maps that the model in the jar predicts for"
          + " scenes it has never seen, in every format, in turn on one thread. Times are of that"
          + " thread's processor, each map's the median of its rounds; of PNG means the bytes"
          + " against those of 8-bit grey PNG with the better of the filters none and up."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class BenchCommandCodec implements Callable<Integer> {

  @Spec private @Nullable CommandSpec command;

  @Option(
      names = "--size",
      paramLabel = "HxW",
      split = ",",
      converter = Size.Converter.class,
      description = "Size of the maps; several with commas.")
  private List<Size> sizes = List.of(new Size(256, 448), new Size(513, 513));

  @Option(names = "--scenes", paramLabel = "N", description = "Maps of each kind and size.")
  private int scenes = 24;

  @Option(
      names = "--levels",
      paramLabel = "N",
      description = "How many different confidences a confidence map may hold.")
  private int levels = 16;

  @Option(names = "--rounds", paramLabel = "N", description = "The most runs of each thing.")
  private int rounds = 50;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Begin no further round of a size after this time; 3 are run.")
  private int seconds = 30;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures, as JSON.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    if (json != null) {
      OutputFile.requireWritable("--json", json);
    }
    CodecBench bench = bench();
    PrintWriter out = command().commandLine().getOut();
    out.println(bench.machine());
    List<Row> rows = new ArrayList<>();
    ProgressBar bar = ProgressBar.standardError();
    for (int i = 0; i < sizes.size(); i++) {
      int done = i;
      CodecComparison comparison =
          bench.compare(
              sizes.get(i).height(),
              sizes.get(i).width(),
              (fraction, what) -> bar.show((done + fraction) / sizes.size(), what));
      bar.clear();
      out.println();
      out.print(comparison.table());
      out.flush();
      rows.addAll(comparison.rows());
    }
    if (json != null) {
      Files.writeString(
          json,
          new ObjectMapper()
                  .writerWithDefaultPrettyPrinter()
                  .writeValueAsString(new CodecReport(bench.machine(), rows))
              + "\n");
    }
    return 0;
  }

  private CodecBench bench() {
    requirePositive("--scenes", scenes);
    requirePositive("--seconds", seconds);
    ConfidenceLevels confidenceLevels;
    try {
      confidenceLevels = new ConfidenceLevels(levels);
    } catch (IllegalArgumentException e) {
      throw badArgument("--levels: " + e.getMessage());
    }
    try {
      return new CodecBench(
          scenes,
          Runtime.getRuntime().availableProcessors(),
          rounds,
          TimeUnit.SECONDS.toNanos(seconds),
          confidenceLevels,
          processorTime(),
          System::nanoTime);
    } catch (IllegalArgumentException e) {
      throw badArgument("--rounds: " + e.getMessage());
    }
  }

  private static LongSupplier processorTime() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.isCurrentThreadCpuTimeSupported()
        ? threads::getCurrentThreadCpuTime
        : System::nanoTime;
  }

  private void requirePositive(String option, int value) {
    if (value < 1) {
      throw badArgument(option + " must be positive, not " + value);
    }
  }

  private ParameterException badArgument(String sentence) {
    return new ParameterException(command().commandLine(), sentence);
  }

  private CommandSpec command() {
    if (command == null) {
      throw new IllegalStateException("picocli sets this before the call");
    }
    return command;
  }
}
