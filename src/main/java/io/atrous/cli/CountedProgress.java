package io.atrous.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How many of a number of steps are done and how long the others will take: a bar that is redrawn
 * on a terminal, a line now and then elsewhere.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class CountedProgress {

  private static final int STEPS_PER_LINE = 50;

  private final PrintStream err;
  private final ProgressBar bar;
  private final boolean terminal;
  private final String unit;
  private final int total;
  private final LongSupplier nanoTime;
  private final long startNanos;

  /**
   * Nothing is done yet.
   *
   * @param unit the unit of the work, such as {@code image}
   * @param total the number of units
   */
  CountedProgress(
      PrintStream err, boolean terminal, String unit, int total, LongSupplier nanoTime) {
    this.err = err;
    this.bar = new ProgressBar(err, terminal);
    this.terminal = terminal;
    this.unit = unit;
    this.total = total;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  static CountedProgress standardError(String unit, int total) {
    return new CountedProgress(System.err, Terminal.isThere(), unit, total, System::nanoTime);
  }

  /**
   * Shows how much is done.
   *
   * @param done at least 1
   * @param detail the text beside it; may be empty
   */
  void show(int done, String detail) {
    double spentSeconds = (nanoTime.getAsLong() - startNanos) * 1e-9;
    long leftSeconds = Math.round(spentSeconds / done * (total - done));
    String line =
        String.format(
            Locale.ROOT,
            "%s %d/%d  %s%d:%02d:%02d left",
            unit,
            done,
            total,
            detail.isEmpty() ? "" : detail + "  ",
            leftSeconds / 3600,
            leftSeconds / 60 % 60,
            leftSeconds % 60);
    if (terminal) {
      bar.show((double) done / total, line);
      if (done == total) {
        err.println();
      }
    } else if (done % STEPS_PER_LINE == 0 || done == total) {
      err.println(line);
    }
  }

  /** Makes room for other output. */
  void clear() {
    bar.clear();
  }
}
