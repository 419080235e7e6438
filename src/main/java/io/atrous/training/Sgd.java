package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
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
  private final NDManager manager;
  private final Map<String, NDArray> velocities = new HashMap<>();

  /**
   * @param weightDecay added to the gradient as {@code weightDecay * w}, for weights of more than
   *     one dimension: not for biases and batch norms
   */
  public Sgd(NDManager parent, double momentum, double weightDecay, boolean nesterov) {
    this.manager = parent.newSubManager();
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.nesterov = nesterov;
  }

  @Override
  public void update(String name, NDArray parameter, NDArray gradient, double rate) {
    try (NDManager scope = manager.newSubManager()) {
      // A result belongs to the manager of its first operand: keep to those of this scope.
      NDArray slope = gradient.duplicate();
      slope.attach(scope);
      if (weightDecay > 0 && parameter.getShape().dimension() > 1) {
        slope.addi(slope.onesLike().muli(parameter).muli(weightDecay));
      }
      NDArray velocity =
          velocities.computeIfAbsent(name, key -> manager.zeros(parameter.getShape()));
      velocity.muli(momentum).addi(slope);
      NDArray step = slope.onesLike().muli(velocity);
      if (nesterov) {
        step.muli(momentum).addi(slope);
      }
      parameter.subi(step.muli(rate));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
