package io.atrous.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of a bench.
 *
 * @param machine where
 * @param rows the figures in reading order
 */
public record BenchReport(String machine, List<? extends Record> rows) {

  /**
   * One thing that was run again and again.
   *
   * @param name unique within the report
   * @param framesPerSecond images per second in the median run
   * @param medianMillis the median time in milliseconds of a run, which may take several images
   * @param minMillis the time in milliseconds of the fastest run
   * @param maxMillis the time in milliseconds of the slowest run
   * @param gflops billions of floating-point operations per second in the median run, those of the
   *     convolutions counted; null if there are none
   * @param fractionOfBest the fraction of the best rate of anything measured in this precision in
   *     the same rounds; null if no rate was
   * @param relativeError {@code ‖a − b‖₂ / ‖b‖₂} of the logits against the blocks' in fp32; null if
   *     there are none
   */
  public record Row(
      String name,
      double framesPerSecond,
      double medianMillis,
      double minMillis,
      double maxMillis,
      @Nullable Double gflops,
      @Nullable Double fractionOfBest,
      @Nullable Double relativeError) {}

  public BenchReport {
    rows = List.copyOf(rows);
  }
}
