package io.atrous.network;

import java.util.List;

/**
 * A tensor that a network's structure asks for.
 *
 * @param name its name in checkpoints and model files
 * @param role what it is for
 * @param shape its dimensions, all positive
 */
public record ParameterSpec(String name, Role role, List<Integer> shape) {

  /** What a tensor is for. */
  public enum Role {
    /** Of a convolution: [outChannels, inChannels, kernel, kernel]. */
    WEIGHT(true),
    /** Of a convolution: [outChannels]. */
    BIAS(true),
    /** Batch norm's factor, "weight" in PyTorch's words: [channels]. */
    NORM_SCALE(true),
    /** Batch norm's summand, "bias" in PyTorch's words: [channels]. */
    NORM_SHIFT(true),
    /** Batch norm's mean over what was seen in training: [channels]. */
    RUNNING_MEAN(false),
    /** Batch norm's variance over what was seen in training: [channels]. */
    RUNNING_VARIANCE(false);

    private final boolean trainable;

    Role(boolean trainable) {
      this.trainable = trainable;
    }

    /** Whether a gradient moves it. */
    public boolean trainable() {
      return trainable;
    }
  }

  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  /** How many numbers it has. */
  public long count() {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
