package io.atrous.bench;

import static io.atrous.bench.FigureTable.number;

import java.util.ArrayList;
import java.util.List;

/**
 * The sizes and times of maps of one size in each format.
 *
 * <p><b>Threading:</b> confined to its maker until it is complete.
 */
public final class CodecComparison implements BenchFigures {

  /**
   * One thing that was done to many maps. Times are of the thread's processor, each map's the
   * median of its runs.
   *
   * @param name unique within the report
   * @param framesPerSecond maps per second, on the mean
   * @param meanMillis the mean time in milliseconds of a map
   * @param medianMillis the median time in milliseconds of the maps
   * @param minMillis the time in milliseconds of the map that took the shortest
   * @param maxMillis the time in milliseconds of the map that took the longest
   * @param meanBytes the bytes, on the mean, of an encoded map
   * @param maxBytes the bytes of the largest encoded map
   * @param meanOfPng all maps' bytes, as a fraction of what they take as PNG
   * @param maxOfPng the same of the map where it is the most
   */
  public record Row(
      String name,
      double framesPerSecond,
      double meanMillis,
      double medianMillis,
      double minMillis,
      double maxMillis,
      double meanBytes,
      int maxBytes,
      double meanOfPng,
      double maxOfPng) {}

  private final String size;
  private final List<Row> rows = new ArrayList<>();

  CodecComparison(String size) {
    this.size = size;
  }

  /**
   * Adds what was done to each map, in the same order in each list.
   *
   * @param millis each map's median
   * @param bytes each map's, encoded
   * @param pngBytes each map's, as PNG
   */
  void add(String name, List<Double> millis, List<Integer> bytes, List<Integer> pngBytes) {
    double mean = millis.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    List<Double> sorted = millis.stream().sorted().toList();
    int last = sorted.size() - 1;
    double worstOfPng = 0;
    double all = 0;
    double allAsPng = 0;
    for (int i = 0; i < bytes.size(); i++) {
      worstOfPng = Math.max(worstOfPng, (double) bytes.get(i) / pngBytes.get(i));
      all += bytes.get(i);
      allAsPng += pngBytes.get(i);
    }
    rows.add(
        new Row(
            size + ": " + name,
            1000 / mean,
            mean,
            (sorted.get(last / 2) + sorted.get((last + 1) / 2)) / 2,
            sorted.get(0),
            sorted.get(last),
            all / bytes.size(),
            bytes.stream().mapToInt(Integer::intValue).max().orElseThrow(),
            all / allAsPng,
            worstOfPng));
  }

  /** Returns rows for machines; each name begins with the size. */
  @Override
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  @Override
  public String table() {
    FigureTable table = new FigureTable(46, 10);
    table.line(size);
    table.line("", "mean ms", "worst ms", "mean bytes", "worst", "of PNG", "worst");
    for (Row row : rows) {
      table.line(
          "  " + row.name().substring(size.length() + 2),
          number("%.3f", row.meanMillis()),
          number("%.3f", row.maxMillis()),
          number("%.0f", row.meanBytes()),
          String.valueOf(row.maxBytes()),
          number("%.2f", row.meanOfPng()),
          number("%.2f", row.maxOfPng()));
    }
    return table.toString();
  }
}
