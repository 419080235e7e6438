package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an optimizer remembers between steps, by name: {@code PARAMETER.QUANTITY} in PyTorch's
 * words, such as {@code conv1.weight.momentum_buffer}.
 *
 * <p><b>Threading:</b> confined to the training thread. It owns its arrays.
 */
final class OptimizerState implements AutoCloseable {

  private final NDManager manager;
  private final Map<String, NDArray> arrays = new HashMap<>();
  private final Map<String, float[]> restored = new HashMap<>();

  OptimizerState(NDManager parent) {
    this.manager = parent.newSubManager();
  }

  /** A quantity of a parameter, of its shape; zero at first. */
  NDArray of(String parameter, String quantity, NDArray like) {
    return arrays.computeIfAbsent(
        parameter + "." + quantity,
        name -> {
          float @Nullable [] values = restored.remove(name);
          if (values == null) {
            return manager.zeros(like.getShape());
          }
          if (values.length != like.size()) {
            throw new IllegalArgumentException(
                name + " has " + values.length + " numbers, not " + like.size());
          }
          return manager.create(values, like.getShape());
        });
  }

  /** A manager for what one update makes. */
  NDManager scope() {
    return manager.newSubManager();
  }

  /** All numbers, row-major, in arrays of their own. */
  Map<String, float[]> values() {
    Map<String, float[]> values = new TreeMap<>(restored);
    arrays.forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  /** Goes on from these numbers; before the first update. */
  void restore(Map<String, float[]> values) {
    restored.putAll(values);
  }

  @Override
  public void close() {
    manager.close();
  }
}
