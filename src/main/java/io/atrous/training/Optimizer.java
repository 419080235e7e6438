package io.atrous.training;

import ai.djl.ndarray.NDArray;

/**
 * Moves parameters against their gradients. DJL's own optimizers key their state by random ids and
 * mix the rate into the velocity; these follow PyTorch and know parameters by name.
 */
public interface Optimizer extends AutoCloseable {

  /**
   * Moves a parameter in place; the gradient is only read.
   *
   * @param name the name of the parameter, always the same
   * @param rate the learning rate of this step
   */
  void update(String name, NDArray parameter, NDArray gradient, double rate);

  @Override
  void close();
}
