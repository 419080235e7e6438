package io.atrous.training;

import ai.djl.ndarray.NDManager;
import io.atrous.inference.torch.PyTorch;
import io.atrous.network.TrainableNetwork;
import io.atrous.training.PhaseClock.Phase;
import io.atrous.training.Trainer.Position;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;

/**
 * How long the steps of a training take, and what of it goes where.
 *
 * @param stepNanos the nanoseconds of each step
 * @param phaseNanos the nanoseconds of each phase over all steps
 */
public record StepTimes(List<Long> stepNanos, Map<Phase, Long> phaseNanos) {

  /** Steps before the measurement: PyTorch's first ones are slower. */
  private static final int WARM_UP_STEPS = 3;

  public StepTimes {
    stepNanos = List.copyOf(stepNanos);
    phaseNanos = Map.copyOf(phaseNanos);
  }

  /**
   * Takes steps of a training, whose network is dropped afterwards.
   *
   * @param steps the number of steps to be measured
   * @param nanoTime a clock
   * @param progress hears the fraction done after each step
   */
  public static StepTimes measure(
      TrainingRun.Subject subject,
      TrainingPlan plan,
      int steps,
      LongSupplier nanoTime,
      DoubleConsumer progress) {
    PyTorch.useThreads(plan.threads());
    try (NDManager manager = subject.newManager();
        TrainableNetwork network =
            TrainableNetwork.of(subject.network(), manager, subject.weights());
        Trainer trainer = subject.trainer(manager, network, plan, Position.START, nanoTime)) {
      for (int step = 0; step < WARM_UP_STEPS; step++) {
        var unused = trainer.step(plan.schedule().rate(step, 0));
      }
      Map<Phase, Long> before = phases(trainer.clock());
      List<Long> nanos = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        long beganNanos = nanoTime.getAsLong();
        var unused = trainer.step(plan.schedule().rate(step, 0));
        nanos.add(nanoTime.getAsLong() - beganNanos);
        progress.accept((step + 1.0) / steps);
      }
      Map<Phase, Long> spent = phases(trainer.clock());
      before.forEach((phase, earlier) -> spent.merge(phase, -earlier, Long::sum));
      return new StepTimes(nanos, spent);
    }
  }

  private static Map<Phase, Long> phases(PhaseClock clock) {
    Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    for (Phase phase : Phase.values()) {
      nanos.put(phase, clock.nanos(phase));
    }
    return nanos;
  }

  /** Returns the part of the time that a phase takes, 0 to 1. */
  public double share(Phase phase) {
    double all = phaseNanos.values().stream().mapToLong(Long::longValue).sum();
    return all == 0 ? 0 : phaseNanos.getOrDefault(phase, 0L) / all;
  }
}
