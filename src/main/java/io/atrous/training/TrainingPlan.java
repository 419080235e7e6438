package io.atrous.training;

import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * How a network is to be fitted.
 *
 * @param batchSize crops per step, at least two: batch norm needs them
 * @param schedule the number of steps, and the learning rate of each
 * @param rule the optimizer
 * @param classWeights the weight of each class in the loss
 * @param seed equal seeds give equal trainings
 */
public record TrainingPlan(
    int batchSize, PolynomialSchedule schedule, Rule rule, List<Double> classWeights, long seed) {

  /** An optimizer with the settings that are customary for it. */
  public enum Rule {
    /** {@link Sgd} with Nesterov's momentum. */
    SGD {
      @Override
      Optimizer optimizer(NDManager parent) {
        return new Sgd(parent, 0.9, 1e-4, true);
      }
    },
    /** {@link AdamW}: sooner at a usable model. */
    ADAMW {
      @Override
      Optimizer optimizer(NDManager parent) {
        return new AdamW(parent, 1e-2);
      }
    };

    abstract Optimizer optimizer(NDManager parent);
  }

  public TrainingPlan {
    classWeights = List.copyOf(classWeights);
    if (batchSize < 2) {
      throw new IllegalArgumentException("a batch has at least two crops, not " + batchSize);
    }
  }
}
