package io.atrous.cli;

import io.atrous.training.Trainer;
import java.util.Locale;

/**
 * Shows how a training comes along.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class TrainingProgress implements Trainer.Progress {

  /** How much of the shown loss is the last step's. */
  private static final double FRESHNESS = 0.02;

  private final CountedProgress count;
  private double smoothLoss = Double.NaN;

  TrainingProgress(CountedProgress count) {
    this.count = count;
  }

  @Override
  public void afterStep(int step, double loss) {
    smoothLoss = Double.isNaN(smoothLoss) ? loss : smoothLoss + FRESHNESS * (loss - smoothLoss);
    count.show(step + 1, String.format(Locale.ROOT, "loss %.3f", smoothLoss));
  }
}
