package io.atrous.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.atrous.inference.torch.PyTorch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/** What optimizers come to, with and without another one taking over half-way. */
final class OptimizerRestarts {

  private static final int STEPS = 6;

  private OptimizerRestarts() {}

  /** The last numbers of two parameters and the state, to the last bit. */
  static List<Float> path(Function<NDManager, Optimizer> maker, boolean replaced) {
    Random random = new Random(1);
    try (NDManager manager = PyTorch.engine().newBaseManager()) {
      NDArray matrix = manager.create(new float[] {1, 2, 3, 4}).reshape(2, 2);
      NDArray bias = manager.create(new float[] {5, 6});
      Optimizer optimizer = maker.apply(manager);
      for (int step = 0; step < STEPS; step++) {
        if (replaced && step == STEPS / 2) {
          Map<String, float[]> state = optimizer.state();
          optimizer.close();
          optimizer = maker.apply(manager);
          optimizer.restore(state);
        }
        optimizer.update("matrix", matrix, gradient(manager, random, 4).reshape(2, 2), 0.1);
        optimizer.update("bias", bias, gradient(manager, random, 2), 0.2);
      }
      List<Float> path = new ArrayList<>();
      add(path, matrix.toFloatArray());
      add(path, bias.toFloatArray());
      optimizer.state().values().forEach(values -> add(path, values));
      optimizer.close();
      return path;
    }
  }

  private static NDArray gradient(NDManager manager, Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values);
  }

  private static void add(List<Float> list, float[] values) {
    for (float value : values) {
      list.add(value);
    }
  }
}
