package io.atrous.training;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * Moves parameters against their gradients. DJL's own optimizers key their state by random ids and
 * mix the rate into the velocity; these follow PyTorch and know parameters by name. As in PyTorch,
 * weight decay is of every parameter that is given, biases and batch norms included.
 */
public interface Optimizer extends AutoCloseable {

  /**
   * Moves a parameter in place; the gradient is only read.
   *
   * @param name the name of the parameter, always the same
   * @param rate the learning rate of this step
   */
  void update(String name, NDArray parameter, NDArray gradient, double rate);

  /** All that it remembers, by the parameters' names, in arrays of the caller's. */
  Map<String, float[]> state();

  /**
   * Goes on where another one of its kind was; before the first update.
   *
   * @param state what that one's {@link #state} gave
   */
  void restore(Map<String, float[]> state);

  @Override
  void close();
}
