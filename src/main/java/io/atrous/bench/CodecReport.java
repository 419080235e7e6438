package io.atrous.bench;

import java.util.List;

/**
 * What a bench of codecs measured.
 *
 * @param machine where
 * @param rows in the order they should be read in
 */
public record CodecReport(String machine, List<Row> rows) {

  /**
   * One thing that was done to many maps. Times are of the thread's processor, each map's the
   * median of its runs.
   *
   * @param name unique within the report
   * @param framesPerSecond maps per second, on the mean
   * @param meanMillis of a map
   * @param medianMillis of the maps
   * @param minMillis of the map that took the shortest
   * @param maxMillis of the map that took the longest
   * @param meanBytes of an encoded map
   * @param maxBytes of the largest
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

  public CodecReport {
    rows = List.copyOf(rows);
  }
}
