package io.atrous.cli;

import io.atrous.bench.BenchFigures;
import io.atrous.bench.BenchProgress;
import io.atrous.bench.BenchReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What every bench shows, as a mixin: what it runs on, how it comes along, and its figures, in
 * tables and, if wanted, for machines.
 *
 * <p><b>Threading:</b> confined to the thread that runs the command.
 */
final class BenchOutput {

  private static final String JSON = "--json";

  @Option(names = JSON, paramLabel = "FILE", description = "Write the figures, as JSON.")
  private @Nullable Path json;

  /** Measures a subject. */
  @FunctionalInterface
  interface Measurement<S> {
    BenchFigures of(S subject, BenchProgress progress);
  }

  /** Checks that the report can be written, before anything is measured. */
  void requireWritable() {
    if (json != null) {
      OutputFile.requireWritable(JSON, json);
    }
  }

  /**
   * Measures subjects one after another.
   *
   * @param machine a line that describes the machine
   */
  <S> void show(
      PrintWriter out, String machine, List<S> subjects, Measurement<? super S> measurement) {
    out.println(machine);
    out.flush();
    List<Record> rows = new ArrayList<>();
    ProgressBar bar = ProgressBar.standardError();
    for (int i = 0; i < subjects.size(); i++) {
      int done = i;
      BenchFigures figures =
          measurement.of(
              subjects.get(i),
              (fraction, what) -> bar.show((done + fraction) / subjects.size(), what));
      bar.clear();
      out.println();
      out.print(figures.table());
      out.flush();
      rows.addAll(figures.rows());
    }
    if (json != null) {
      ReportFile.write(new BenchReport(machine, rows), JSON, json);
    }
  }
}
