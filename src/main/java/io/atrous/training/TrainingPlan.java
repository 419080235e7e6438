package io.atrous.training;

import io.atrous.network.TrainingPass;
import java.util.List;

/**
 * How a network is fitted: all that the result depends on beside data, network and machine.
 *
 * @param batchSize the crops that are on the devices at a time
 * @param accumulate the number of such batches whose gradients a step adds up
 * @param length the length of the training
 * @param schedule the learning rate of each step
 * @param optimizer the optimizer
 * @param classWeights the weight of each class in the loss
 * @param augmentation the random crops that a step is trained on
 * @param pass the treatment of batch norm, and dropout
 * @param validateEvery the number of steps from one validation to the next; 0 for none
 * @param seed equal seeds give equal trainings
 * @param threads cores to compute on
 */
public record TrainingPlan(
    int batchSize,
    int accumulate,
    TrainingLength length,
    PolynomialSchedule schedule,
    OptimizerSettings optimizer,
    List<Double> classWeights,
    Augmentation augmentation,
    TrainingPass pass,
    int validateEvery,
    long seed,
    int threads) {

  public TrainingPlan {
    classWeights = List.copyOf(classWeights);
    if (batchSize < 1 || accumulate < 1 || threads < 1 || validateEvery < 0) {
      throw new IllegalArgumentException(
          "an impossible training: batches of %d, %d accumulated, %d threads, validation every %d steps"
              .formatted(batchSize, accumulate, threads, validateEvery));
    }
  }

  /** The number of crops that a step takes. */
  public int cropsPerStep() {
    return Math.multiplyExact(batchSize, accumulate);
  }
}
