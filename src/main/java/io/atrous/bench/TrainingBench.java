package io.atrous.bench;

import io.atrous.inference.torch.PyTorch;
import io.atrous.training.StepTimes;
import io.atrous.training.TrainingPlan;
import io.atrous.training.TrainingRun;
import java.util.function.LongSupplier;

/**
 * Measures the steps of trainings.
 *
 * <p><b>Threading:</b> confined to one thread; crops are made on others.
 */
public final class TrainingBench {

  private final int steps;
  private final LongSupplier nanoTime;

  /**
   * A training to be measured.
   *
   * @param name the name in messages for people
   */
  public record Subject(String name, TrainingRun.Subject training, TrainingPlan plan) {}

  /**
   * Prepares a bench.
   *
   * @param steps the number of steps of each training
   * @param nanoTime a clock
   */
  public TrainingBench(int steps, LongSupplier nanoTime) {
    if (steps < Rounds.LEAST) {
      throw new IllegalArgumentException("there must be at least " + Rounds.LEAST + " steps");
    }
    this.steps = steps;
    this.nanoTime = nanoTime;
  }

  /**
   * Describes the machine in a line.
   *
   * @param threads cores to compute on
   */
  public static String machine(int threads) {
    return Machine.describe(threads, PyTorch.version());
  }

  /** Measures a training. */
  public TrainingFigures measure(Subject subject, BenchProgress progress) {
    progress.at(0, subject.name());
    StepTimes times =
        StepTimes.measure(
            subject.training(),
            subject.plan(),
            steps,
            nanoTime,
            done -> progress.at(done, subject.name()));
    return new TrainingFigures(subject.name(), subject.plan().cropsPerStep(), times);
  }
}
