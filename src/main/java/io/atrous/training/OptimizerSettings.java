package io.atrous.training;

import ai.djl.ndarray.NDManager;

/**
 * An optimizer and its numbers.
 *
 * @param rule the rule by which parameters are moved
 * @param weightDecay the weight decay, as the rule understands it
 * @param momentum the share of the velocity that is kept, of {@link Rule#SGD} alone
 * @param nesterov true for Nesterov's momentum, of {@link Rule#SGD} alone
 */
public record OptimizerSettings(Rule rule, double weightDecay, double momentum, boolean nesterov) {

  /** The rule by which an optimizer moves parameters. */
  public enum Rule {
    /** By {@link Sgd}. */
    SGD,
    /** By {@link AdamW}: sooner at a usable model. */
    ADAMW
  }

  public OptimizerSettings {
    if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
      throw new IllegalArgumentException("weight decay is 0 or more, not " + weightDecay);
    }
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum is 0 or more and less than 1, not " + momentum);
    }
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("Nesterov's momentum needs a momentum above 0");
    }
  }

  Optimizer optimizer(NDManager parent) {
    return switch (rule) {
      case SGD -> new Sgd(parent, momentum, weightDecay, nesterov);
      case ADAMW -> new AdamW(parent, weightDecay);
    };
  }
}
