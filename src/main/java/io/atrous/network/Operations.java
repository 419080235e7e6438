package io.atrous.network;

import java.util.List;

/**
 * What a DeepLabv3+ network is made of. {@link DeepLabV3Plus} describes the network once over this
 * interface; each backend says what a value {@code T} is: a shape, a differentiable array, a
 * variable in emitted code.
 *
 * <p>All values are [N, C, H, W].
 */
public interface Operations<T> {

  T convolution(ConvUnit unit, T input);

  /** {@code relu(input + residual)}, of equal shapes. */
  T addRelu(T input, T residual);

  /** 3×3, stride 2, padding 1. */
  T maxPool(T input);

  /** Mean over H and W: [N, C, 1, 1]. */
  T globalAveragePool(T input);

  /** Bilinear, to the height and width of {@code like}. */
  T resize(T input, T like, boolean alignCorners);

  /** Along channels. */
  T concat(List<T> inputs);

  /** Leaves numbers out at random where a network is trained so; elsewhere nothing happens. */
  default T dropout(T input) {
    return input;
  }
}
