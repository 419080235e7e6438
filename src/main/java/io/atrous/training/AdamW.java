package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * 2019) by PyTorch's rule.
 *
 * <p><b>Threading:</b> confined to the training thread. It owns the moments, by parameter name.
 */
public final class AdamW implements Optimizer {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double weightDecay;
  private final NDManager manager;
  private final Map<String, Moments> moments = new HashMap<>();

  private static final class Moments {
    final NDArray first;
    final NDArray second;
    int updates;

    Moments(NDArray first, NDArray second) {
      this.first = first;
      this.second = second;
    }
  }

  /**
   * @param weightDecay the share of a weight that it loses per update at rate 1, for weights of
   *     more than one dimension: not for biases and batch norms
   */
  public AdamW(NDManager parent, double weightDecay) {
    this.manager = parent.newSubManager();
    this.weightDecay = weightDecay;
  }

  @Override
  public void update(String name, NDArray parameter, NDArray gradient, double rate) {
    Moments state =
        moments.computeIfAbsent(
            name,
            key ->
                new Moments(
                    manager.zeros(parameter.getShape()), manager.zeros(parameter.getShape())));
    state.updates++;
    try (NDManager scope = manager.newSubManager()) {
      // A result belongs to the manager of its first operand.
      NDArray slope = gradient.duplicate();
      slope.attach(scope);
      state.first.muli(BETA1).addi(slope.mul(1 - BETA1));
      state.second.muli(BETA2).addi(slope.square().muli(1 - BETA2));
      double unbias1 = 1 - StrictMath.pow(BETA1, state.updates);
      double unbias2 = 1 - StrictMath.pow(BETA2, state.updates);
      NDArray deviation = slope.onesLike().muli(state.second).divi(unbias2);
      NDArray move = slope.onesLike().muli(state.first).divi(deviation.sqrt().addi(EPSILON));
      if (weightDecay > 0 && parameter.getShape().dimension() > 1) {
        parameter.muli(1 - rate * weightDecay);
      }
      parameter.subi(move.muli(rate / unbias1));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
