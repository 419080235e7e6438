package io.atrous.cli;

import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.training.TrainingRun.Listener;
import io.atrous.training.TrainingRun.StepReport;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows how a training comes along: a bar that is redrawn on a terminal, a line now and then
 * elsewhere.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class TrainingProgress implements Listener {

  /** Weight of the newest step in the moving average of loss and speed. */
  private static final double FRESHNESS = 0.02;

  private static final int STEPS_PER_LINE = 50;

  private final PrintStream err;
  private final ProgressBar bar;
  private final boolean terminal;
  private double smoothLoss = Double.NaN;
  private double smoothSpeed = Double.NaN;

  TrainingProgress(PrintStream err, boolean terminal) {
    this.err = err;
    this.bar = new ProgressBar(err, terminal);
    this.terminal = terminal;
  }

  static TrainingProgress standardError() {
    return new TrainingProgress(System.err, Terminal.isThere());
  }

  @Override
  public void afterStep(StepReport report) {
    smoothLoss = smooth(smoothLoss, report.loss());
    smoothSpeed = smooth(smoothSpeed, report.imagesPerSecond());
    if (terminal || report.step() % STEPS_PER_LINE == 0 || report.done() >= 1) {
      bar.show(report.done(), line(report));
    }
  }

  private String line(StepReport report) {
    long leftSeconds =
        Math.round(
            report.elapsedNanos()
                / (double) TimeUnit.SECONDS.toNanos(1)
                / report.done()
                * (1 - report.done()));
    return String.format(
        Locale.ROOT,
        "step %d, epoch %.2f  loss %.3f  rate %.1e  %.1f images/s  %d:%02d:%02d left",
        report.step(),
        report.epoch(),
        smoothLoss,
        report.rate(),
        smoothSpeed,
        leftSeconds / 3600,
        leftSeconds / 60 % 60,
        leftSeconds % 60);
  }

  @Override
  public void validated(int step, ConfusionMatrix matrix, boolean best) {
    say(
        String.format(
            Locale.ROOT,
            "step %d: validation mIoU %.3f%s",
            step,
            matrix.meanIntersectionOverUnion(),
            best ? ", the best so far" : ""));
  }

  @Override
  public void troubled(String sentence) {
    say("atrous: " + sentence);
  }

  private void say(String line) {
    bar.clear();
    err.println(line);
    err.flush();
  }

  /** Makes room for other output, once the training is over. */
  void end() {
    bar.clear();
  }

  private static double smooth(double smooth, double value) {
    return Double.isNaN(smooth) ? value : smooth + FRESHNESS * (value - smooth);
  }
}
