package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum by PyTorch's rule: {@code v = momentum * v + g}, {@code
 * w = w - rate * v}; with Nesterov's, {@code w = w - rate * (g + momentum * v)}. The rate stays out
 * of the velocity, unlike in DJL's own optimizer, so a change of rate takes effect at once.
 *
 * <p><b>Threading:</b> confined to the training thread. It owns the velocities, by parameter name.
 */
public final class Sgd implements Optimizer {

  private final double momentum;
  private final double weightDecay;
  private final boolean nesterov;
  private final OptimizerState state;

  /**
   * @param weightDecay added to the gradient as {@code weightDecay * w}
   */
  public Sgd(NDManager parent, double momentum, double weightDecay, boolean nesterov) {
    this.state = new OptimizerState(parent);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
  }

  @Override
  public void update(String name, NDArray parameter, NDArray gradient, double rate) {
    try (NDManager scope = state.scope()) {
      // A result belongs to the manager of its first operand: keep to those of this scope.
      NDArray slope = gradient.duplicate();
      slope.attach(scope);
      if (weightDecay > 0) {
        NDArray decay = parameter.mul(weightDecay);
        decay.attach(scope);
        slope.addi(decay);
      }
      NDArray velocity = state.of(name, "momentum_buffer", parameter);
      velocity.muli(momentum).addi(slope);
      NDArray step = velocity.duplicate();
      step.attach(scope);
      if (nesterov) {
        step.muli(momentum).addi(slope);
      }
      parameter.subi(step.muli(rate));
    }
  }

  @Override
  public Map<String, float[]> state() {
    return state.values();
  }

  @Override
  public void restore(Map<String, float[]> values) {
    state.restore(values);
  }

  @Override
  public void close() {
    state.close();
  }
}
