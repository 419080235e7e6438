package io.atrous.training;

/**
 * The learning rate falls from its base to zero as {@code (1 - step / steps)^power}, after a linear
 * warm-up.
 *
 * @param base the highest rate
 * @param steps the number of steps
 * @param power 1 falls linearly; DeepLab's is 0.9
 * @param warmUpSteps the number of first steps in which the rate rises
 */
public record PolynomialSchedule(double base, int steps, double power, int warmUpSteps) {

  public PolynomialSchedule {
    if (!(base > 0) || steps < 1 || !(power >= 0) || warmUpSteps < 0 || warmUpSteps > steps) {
      throw new IllegalArgumentException(
          "an impossible schedule: base %s, %d steps, power %s, %d of warm-up"
              .formatted(base, steps, power, warmUpSteps));
    }
  }

  /** DeepLab's power of 0.9, after a warm-up of 100 steps or, if that is less, of a tenth. */
  public static PolynomialSchedule deepLab(double base, int steps) {
    return new PolynomialSchedule(base, steps, 0.9, Math.min(100, steps / 10));
  }

  /**
   * The rate of a step.
   *
   * @param step the step, from 0
   */
  public double rate(int step) {
    double rise = step < warmUpSteps ? (step + 1.0) / (warmUpSteps + 1) : 1;
    double left = Math.max(0, 1 - (double) step / steps);
    return base * rise * StrictMath.pow(left, power);
  }
}
