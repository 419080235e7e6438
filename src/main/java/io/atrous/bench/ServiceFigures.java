package io.atrous.bench;

import static io.atrous.bench.FigureTable.number;

import io.atrous.bench.BenchReport.Row;
import io.atrous.bench.ServiceUsage.Part;
import io.atrous.settings.ProcessingGuarantee;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The speed and the cost of services beside each other. Every figure of several runs is their
 * median.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class ServiceFigures implements BenchFigures {

  private static final double NANOS_PER_MILLI = 1e6;

  /** The time that a frame may take beside its batch's delay and the network. */
  private static final double ALLOWED_MILLIS = 10;

  private static final String AT_LEAST_ONCE =
      "null engine, " + name(ProcessingGuarantee.AT_LEAST_ONCE);
  private static final String EXACTLY_ONCE =
      "null engine, " + name(ProcessingGuarantee.EXACTLY_ONCE_V2);
  static final String NAIVE = "naive service";

  private final Footage footage;
  private final int cores;
  private final Map<String, List<DrainRun>> drains = new LinkedHashMap<>();
  private final Map<String, LatencyRun> latencies = new LinkedHashMap<>();
  private @Nullable WorkerStages stages;

  ServiceFigures(Footage footage, int cores) {
    this.footage = footage;
    this.cores = cores;
  }

  static String name(ProcessingGuarantee guarantee) {
    return guarantee == ProcessingGuarantee.AT_LEAST_ONCE ? "at least once" : "exactly once";
  }

  void add(WorkerStages measured) {
    stages = measured;
  }

  void add(String name, DrainRun run) {
    drains.computeIfAbsent(name, key -> new ArrayList<>()).add(run);
  }

  void add(String name, LatencyRun run) {
    latencies.put(name, run);
  }

  /** Returns rows for machines. A row holds times per frame, except for latencies. */
  @Override
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    drains.forEach(
        (name, runs) -> {
          rows.add(row(name + ": topic to topic", runs, run -> run.perFrame(run.wallNanos())));
          rows.add(
              row(
                  name + ": processor time of the service",
                  runs,
                  run -> run.perFrame(run.service().processNanos())));
          for (Part part : Part.values()) {
            rows.add(
                row(
                    name + ": processor time of " + part.label(),
                    runs,
                    run -> run.perFrame(run.service().of(part))));
          }
          rows.add(
              row(
                  name + ": processor time of the broker",
                  runs,
                  run -> run.perFrame(run.brokerNanos())));
        });
    if (stages != null) {
      stages
          .millis()
          .forEach((stage, millis) -> rows.add(row("a worker: " + stage, null, List.of(millis))));
    }
    latencies.forEach(
        (name, run) -> {
          for (double percentile : List.of(50.0, 95.0, 99.0)) {
            rows.add(
                row(
                    "%s: latency, p%.0f".formatted(name, percentile),
                    run.framesPerSecond(),
                    List.of(run.millis(percentile))));
          }
        });
    return rows;
  }

  private static Row row(String name, List<DrainRun> runs, ToDoubleFunction<DrainRun> millis) {
    return row(name, null, runs.stream().map(millis::applyAsDouble).toList());
  }

  /**
   * A row of times.
   *
   * @param framesPerSecond that led to them; null if they are times per frame
   */
  private static Row row(String name, @Nullable Double framesPerSecond, List<Double> millis) {
    List<Double> sorted = millis.stream().sorted().toList();
    double median = median(sorted);
    return new Row(
        name,
        framesPerSecond != null ? framesPerSecond : median > 0 ? 1000 / median : 0,
        median,
        sorted.get(0),
        sorted.get(sorted.size() - 1),
        null,
        null,
        null);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private static double median(List<DrainRun> runs, ToDoubleFunction<DrainRun> figure) {
    return median(runs.stream().map(figure::applyAsDouble).toList());
  }

  /** Returns text for people: tables and sentences of lines that end in line feeds. */
  @Override
  public String table() {
    FigureTable table = new FigureTable(36, 9);
    table.line(
        "JPEG %dx%d, %.0f kB".formatted(footage.width(), footage.height(), footage.meanKilobytes()),
        List.of("frames/s", "min", "max", "batch", "per CPU s"));
    drains.forEach(
        (name, runs) ->
            table.line(
                name,
                List.of(
                    number("%.1f", median(runs, DrainRun::framesPerSecond)),
                    number("%.1f", least(runs, DrainRun::framesPerSecond)),
                    number("%.1f", -least(runs, run -> -run.framesPerSecond())),
                    number("%.1f", median(runs, DrainRun::meanBatchSize)),
                    number("%.1f", median(runs, DrainRun::framesPerProcessorSecond)))));
    processorTimes(table);
    if (stages != null) {
      table.emptyLine();
      table.line("a worker's CPU ms per frame");
      stages
          .millis()
          .forEach((stage, millis) -> table.line("  " + stage, List.of(number("%.2f", millis))));
    }
    latencies(table);
    sentences(table);
    return table.toString();
  }

  private void processorTimes(FigureTable table) {
    table.emptyLine();
    List<String> titles = new ArrayList<>(List.of("service"));
    for (Part part : Part.values()) {
      titles.add(part.label());
    }
    titles.addAll(List.of("rest", "broker", "consumer"));
    table.line("CPU ms per frame", titles);
    drains.forEach(
        (name, runs) -> {
          List<String> cells = new ArrayList<>();
          cells.add(millis(runs, run -> run.service().processNanos()));
          for (Part part : Part.values()) {
            cells.add(millis(runs, run -> run.service().of(part)));
          }
          cells.add(millis(runs, run -> run.service().restNanos()));
          cells.add(millis(runs, DrainRun::brokerNanos));
          cells.add(millis(runs, DrainRun::consumerNanos));
          table.line(name, cells);
        });
  }

  private static String millis(List<DrainRun> runs, ToDoubleFunction<DrainRun> nanos) {
    return number(
        "%.2f", median(runs, run -> nanos.applyAsDouble(run) / NANOS_PER_MILLI / run.frames()));
  }

  private void latencies(FigureTable table) {
    if (latencies.isEmpty()) {
      return;
    }
    table.emptyLine();
    table.line("latency at low load, ms", List.of("frames", "p50", "p95", "p99", "max", "allowed"));
    latencies.forEach(
        (name, run) -> {
          double allowed = run.queueDelayMillis() + run.inferenceMillis() + ALLOWED_MILLIS;
          table.line(
              name,
              List.of(
                  String.valueOf(run.micros().getTotalCount()),
                  number("%.1f", run.millis(50)),
                  number("%.1f", run.millis(95)),
                  number("%.1f", run.millis(99)),
                  number("%.1f", run.millis(100)),
                  number(
                      "%.1f",
                      allowed
                          + (name.endsWith(name(ProcessingGuarantee.EXACTLY_ONCE_V2))
                              ? run.commitIntervalMillis()
                              : 0))));
        });
  }

  private void sentences(FigureTable table) {
    table.emptyLine();
    List<DrainRun> once = drains.get(EXACTLY_ONCE);
    List<DrainRun> atLeast = drains.get(AT_LEAST_ONCE);
    if (once != null && atLeast != null) {
      table.sentence(
          "Exactly once reaches %.1f %% of at least once's rate, and takes %.1f %% of its CPU time.",
          100 * ratio(once, atLeast, DrainRun::framesPerSecond),
          100 / ratio(once, atLeast, DrainRun::framesPerProcessorSecond));
    }
    drains.forEach(
        (name, runs) -> {
          if (atLeast != null && name.startsWith(NAIVE)) {
            table.sentence(
                "%s: the service is %.2f times as fast, and %.2f times per CPU second.",
                name,
                ratio(atLeast, runs, DrainRun::framesPerSecond),
                ratio(atLeast, runs, DrainRun::framesPerProcessorSecond));
          }
        });
    drains.forEach(
        (name, runs) -> {
          BareNetwork bare = runs.get(0).bare();
          if (bare != null) {
            double possible = median(runs, run -> possibleMillis(run, bare));
            table.sentence(
                "%s: the bare network takes %.1f ms a frame, with all else %.1f; reached: %.1f %% of that.",
                name,
                bare.millisPerFrame(),
                possible,
                100
                    * median(
                        runs, run -> possibleMillis(run, bare) / run.perFrame(run.wallNanos())));
          }
        });
  }

  /** Returns the least time of a frame on all cores: the network, and its cost elsewhere. */
  private double possibleMillis(DrainRun run, BareNetwork bare) {
    long besideNanos =
        run.service().of(Part.WORKERS)
            + run.service().of(Part.STREAMS)
            + run.service().of(Part.PRODUCERS)
            + run.brokerNanos()
            + run.consumerNanos();
    return bare.millisPerFrame() + run.perFrame(besideNanos) / cores;
  }

  private static double ratio(
      List<DrainRun> runs, List<DrainRun> others, ToDoubleFunction<DrainRun> figure) {
    return median(runs, figure) / median(others, figure);
  }

  private static double least(List<DrainRun> runs, ToDoubleFunction<DrainRun> figure) {
    return runs.stream().mapToDouble(figure).min().orElseThrow();
  }
}
