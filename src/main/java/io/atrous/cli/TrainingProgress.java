package io.atrous.cli;

import io.atrous.training.Trainer;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;
import picocli.CommandLine;

/**
 * Shows how a training comes along: a bar that is redrawn on a terminal, a line now and then
 * elsewhere.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class TrainingProgress implements Trainer.Progress {

  private static final int STEPS_PER_LINE = 50;

  /** How much of the shown loss is the last step's. */
  private static final double FRESHNESS = 0.02;

  private final PrintStream err;
  private final ProgressBar bar;
  private final boolean terminal;
  private final int steps;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private double smoothLoss = Double.NaN;

  TrainingProgress(PrintStream err, boolean terminal, int steps, LongSupplier nanoTime) {
    this.err = err;
    this.bar = new ProgressBar(err, terminal);
    this.terminal = terminal;
    this.steps = steps;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  static TrainingProgress standardError(int steps) {
    // Knows terminals on every JDK.
    boolean terminal = CommandLine.Help.Ansi.AUTO.enabled();
    return new TrainingProgress(System.err, terminal, steps, System::nanoTime);
  }

  @Override
  public void afterStep(int step, double loss) {
    int done = step + 1;
    smoothLoss = Double.isNaN(smoothLoss) ? loss : smoothLoss + FRESHNESS * (loss - smoothLoss);
    double spentSeconds = (nanoTime.getAsLong() - startNanos) * 1e-9;
    long leftSeconds = Math.round(spentSeconds / done * (steps - done));
    String line =
        String.format(
            Locale.ROOT,
            "step %d/%d  loss %.3f  %d:%02d:%02d left",
            done,
            steps,
            smoothLoss,
            leftSeconds / 3600,
            leftSeconds / 60 % 60,
            leftSeconds % 60);
    if (terminal) {
      bar.show((double) done / steps, line);
      if (done == steps) {
        err.println();
      }
    } else if (done % STEPS_PER_LINE == 0 || done == steps) {
      err.println(line);
    }
  }
}
