package io.atrous.bench;

import static io.atrous.bench.FigureTable.number;

import io.atrous.bench.BenchReport.Row;
import io.atrous.bench.NetworkPart.Extent;
import io.atrous.bench.Rounds.Times;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The times of a network's variants beside each other. Every figure is of the median run.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class NetworkComparison implements BenchFigures {

  private final String subject;
  private final Map<NetworkPart, Times> times;

  NetworkComparison(String subject, Map<NetworkPart, Times> times) {
    this.subject = subject;
    this.times = new LinkedHashMap<>(times);
  }

  /** Returns rows for machines; each name begins with the subject's. */
  @Override
  public List<Row> rows() {
    return times.keySet().stream().map(this::row).toList();
  }

  private Row row(NetworkPart part) {
    Times each = time(part);
    return new Row(
        subject + ": " + part.name(),
        framesPerSecond(part),
        each.medianMillis(),
        each.minMillis(),
        each.maxMillis(),
        gigaflopsPerSecond(part),
        fractionOfBest(part),
        part.relativeError());
  }

  @Override
  public String table() {
    FigureTable table = new FigureTable(46, 9);
    table.line(subject);
    table.line(
        "", "frames/s", "median ms", "min", "max", "GFLOP/s", "of best", "gain", "error", "tail");
    for (NetworkPart part : times.keySet()) {
      Times each = time(part);
      table.line(
          "  " + part.name(),
          number("%.2f", framesPerSecond(part)),
          number("%.1f", each.medianMillis()),
          number("%.1f", each.minMillis()),
          number("%.1f", each.maxMillis()),
          number("%.0f", gigaflopsPerSecond(part)),
          percent(fractionOfBest(part)),
          number("%.2f", gain(part)),
          number("%.1e", part.relativeError()),
          percent(tail(part)));
    }
    return table.toString();
  }

  private static String percent(@Nullable Double fraction) {
    return number("%.0f %%", fraction == null ? null : 100 * fraction);
  }

  private Times time(NetworkPart part) {
    Times each = times.get(part);
    if (each == null) {
      throw new IllegalArgumentException("not measured: " + part);
    }
    return each;
  }

  private double framesPerSecond(NetworkPart part) {
    return 1000 * part.images() / time(part).medianMillis();
  }

  private double gigaflopsPerSecond(NetworkPart part) {
    return 1000 * part.gigaflops() / time(part).medianMillis();
  }

  private double fractionOfBest(NetworkPart part) {
    double best =
        times.keySet().stream()
            .filter(other -> other.precision() == part.precision())
            .mapToDouble(this::gigaflopsPerSecond)
            .max()
            .orElseThrow();
    return gigaflopsPerSecond(part) / best;
  }

  /** Returns the speed as a multiple of the blocks' speed. */
  private @Nullable Double gain(NetworkPart part) {
    if (part.extent() == Extent.CONVOLUTION) {
      return null;
    }
    return times.keySet().stream()
        .filter(blocks -> blocks.extent() == Extent.LOGITS)
        .findFirst()
        .map(blocks -> time(blocks).medianMillis() / time(part).medianMillis())
        .orElse(null);
  }

  /** Returns the share of a call that the last upsampling and the choice of the class take. */
  private @Nullable Double tail(NetworkPart part) {
    if (part.extent() != Extent.LABELS && part.extent() != Extent.CONFIDENCE) {
      return null;
    }
    return times.keySet().stream()
        .filter(body -> body.extent() == Extent.BODY && body.variant().equals(part.variant()))
        .findFirst()
        .map(body -> 1 - time(body).medianMillis() / time(part).medianMillis())
        .orElse(null);
  }
}
