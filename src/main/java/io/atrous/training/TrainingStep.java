package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.atrous.inference.torch.PyTorch;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.TrainingPass;
import io.atrous.training.PhaseClock.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * One move of a network's parameters: gradients of some micro-batches, then the optimizer.
 *
 * <p>The loss is the weighted mean over the labelled pixels of <em>all</em> micro-batches: each
 * one's sum is divided by the weight of the whole step. So a step of several is the step of one
 * large batch, however many pixels of each are ignored; where none are, that is each one's mean
 * divided by their count. Only what batch norm sees differs, unless it is frozen.
 *
 * <p><b>Threading:</b> confined to the training thread. Network and optimizer stay their makers'.
 */
final class TrainingStep {

  private final TrainableNetwork network;
  private final CrossEntropy loss;
  private final Optimizer optimizer;
  private final TrainingPass pass;
  private final PhaseClock clock;

  TrainingStep(
      TrainableNetwork network,
      CrossEntropy loss,
      Optimizer optimizer,
      TrainingPass pass,
      PhaseClock clock) {
    this.network = network;
    this.loss = loss;
    this.optimizer = optimizer;
    this.pass = pass;
    this.clock = clock;
  }

  /**
   * Takes the step.
   *
   * @param parent a manager to make arrays of
   * @param rates the learning rate of each parameter, by its name
   * @param chance the number that decides what dropout leaves out
   * @return the loss before the step; 0 if every pixel is ignored
   */
  double take(
      List<? extends MicroBatch> batches,
      ToDoubleFunction<String> rates,
      long chance,
      NDManager parent) {
    boolean recording = JniUtils.isGradMode();
    // Threads differ in how they begin; only what the collector surrounds is to be recorded.
    JniUtils.setGradMode(false);
    try {
      if (pass.dropout() > 0) {
        JniUtils.setSeed(chance);
      }
      double weight = batches.stream().mapToDouble(MicroBatch::weight).sum();
      double sum = 0;
      for (MicroBatch batch : batches) {
        clock.begin(Phase.DATA);
        try (NDManager scope = parent.newSubManager()) {
          sum += backward(batch.shards(scope), weight);
        }
      }
      clock.begin(Phase.OPTIMIZER);
      move(rates);
      return sum;
    } finally {
      JniUtils.setGradMode(recording);
      clock.begin(Phase.DATA);
    }
  }

  private double backward(List<MicroBatch.Shard> shards, double weight) {
    try (GradientCollector collector = PyTorch.engine().newGradientCollector()) {
      clock.begin(Phase.FORWARD);
      List<NDArray> logits =
          network.logits(shards.stream().map(MicroBatch.Shard::images).toList(), pass);
      List<NDArray> sums = new ArrayList<>();
      for (int i = 0; i < shards.size(); i++) {
        sums.add(loss.sum(logits.get(i), shards.get(i).labels()));
      }
      NDArray total = sums.get(0);
      for (NDArray more : sums.subList(1, sums.size())) {
        total = total.add(more.toDevice(total.getDevice(), false));
      }
      // A number of no dimension is otherwise taken to double precision.
      total = total.mul((float) (weight > 0 ? 1 / weight : 0));
      double value = total.getFloat();
      clock.begin(Phase.BACKWARD);
      collector.backward(total);
      return value;
    }
  }

  private void move(ToDoubleFunction<String> rates) {
    for (Map.Entry<String, NDArray> entry : network.parameters().entrySet()) {
      String name = entry.getKey();
      try (NDArray gradient = entry.getValue().getGradient()) {
        optimizer.update(name, entry.getValue(), gradient, rates.applyAsDouble(name));
      }
      // PyTorch adds the next step's to it.
      JniUtils.zeroGrad((PtNDArray) entry.getValue());
    }
  }
}
