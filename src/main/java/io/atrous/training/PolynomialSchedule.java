package io.atrous.training;

import io.atrous.network.TrainableNetwork;
import java.util.function.ToDoubleFunction;

/**
 * The learning rate of each parameter at each step. It falls from its base to zero as {@code (1 -
 * done)^power}, after a linear warm-up; the backbone's is that, everything else's a multiple of it.
 *
 * @param base the highest rate of the backbone
 * @param power 1 falls linearly; DeepLab's is 0.9
 * @param warmUpSteps the number of first steps in which the rate rises
 * @param headRateFactor the rate of what is not the backbone, as a multiple of the backbone's
 */
public record PolynomialSchedule(
    double base, double power, int warmUpSteps, double headRateFactor) {

  public PolynomialSchedule {
    if (!(base > 0) || Double.isInfinite(base) || !(power >= 0) || warmUpSteps < 0) {
      throw new IllegalArgumentException(
          "an impossible schedule: base %s, power %s, %d steps of warm-up"
              .formatted(base, power, warmUpSteps));
    }
    if (!(headRateFactor > 0) || Double.isInfinite(headRateFactor)) {
      throw new IllegalArgumentException(
          "the head's rate is a multiple above 0 of the backbone's, not " + headRateFactor);
    }
  }

  /**
   * The backbone's rate.
   *
   * @param step the step, from 0
   * @param done the part of the training that is over, 0 to 1
   */
  public double rate(int step, double done) {
    double rise = step < warmUpSteps ? (step + 1.0) / (warmUpSteps + 1) : 1;
    return base * rise * StrictMath.pow(Math.max(0, 1 - done), power);
  }

  /** The rates of all parameters, by their names, at a backbone's rate. */
  ToDoubleFunction<String> rates(double backboneRate) {
    return parameter ->
        TrainableNetwork.isOfBackbone(parameter) ? backboneRate : headRateFactor * backboneRate;
  }
}
