package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
 * 2019) by PyTorch's rule and with its usual betas, 0.9 and 0.999.
 *
 * <p><b>Threading:</b> confined to the training thread. It owns the moments, by parameter name.
 */
public final class AdamW implements Optimizer {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;
  private static final String UPDATES = ".step";

  private final double weightDecay;
  private final OptimizerState state;
  private final Map<String, Integer> updates = new HashMap<>();

  /**
   * @param weightDecay the share of a weight that it loses per update at rate 1
   */
  public AdamW(NDManager parent, double weightDecay) {
    this.state = new OptimizerState(parent);
    this.weightDecay = weightDecay;
  }

  @Override
  public void update(String name, NDArray parameter, NDArray gradient, double rate) {
    int count = updates.merge(name + UPDATES, 1, Integer::sum);
    double unbias1 = 1 - StrictMath.pow(BETA1, count);
    double unbias2 = 1 - StrictMath.pow(BETA2, count);
    NDArray first = state.of(name, "exp_avg", parameter);
    NDArray second = state.of(name, "exp_avg_sq", parameter);
    try (NDManager scope = state.scope()) {
      // A result belongs to the manager of its first operand: keep to those of this scope.
      NDArray slope = gradient.duplicate();
      slope.attach(scope);
      first.muli(BETA1).addi(slope.mul(1 - BETA1));
      second.muli(BETA2).addi(slope.square().muli(1 - BETA2));
      NDArray deviation = second.div(unbias2);
      deviation.attach(scope);
      NDArray move = first.duplicate();
      move.attach(scope);
      move.divi(deviation.sqrt().addi(EPSILON));
      if (weightDecay > 0) {
        parameter.muli(1 - rate * weightDecay);
      }
      parameter.subi(move.muli(rate / unbias1));
    }
  }

  @Override
  public Map<String, float[]> state() {
    Map<String, float[]> values = state.values();
    updates.forEach((name, count) -> values.put(name, new float[] {count}));
    return values;
  }

  @Override
  public void restore(Map<String, float[]> values) {
    Map<String, float[]> moments = new HashMap<>();
    values.forEach(
        (name, numbers) -> {
          if (name.endsWith(UPDATES)) {
            updates.put(name, (int) numbers[0]);
          } else {
            moments.put(name, numbers);
          }
        });
    state.restore(moments);
  }

  @Override
  public void close() {
    state.close();
  }
}
