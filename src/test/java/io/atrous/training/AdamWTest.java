package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class AdamWTest {

  @Test
  void movesByTheRateAtFirstHoweverLargeTheGradient() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AdamW adam = new AdamW(manager, 0)) {
      NDArray weights = manager.create(new float[] {0, 0});
      NDArray gradient = manager.create(new float[] {1000, -0.001f});

      adam.update("weights", weights, gradient, 0.1);

      assertThat(weights.toFloatArray()).containsExactly(new float[] {-0.1f, 0.1f}, within(1e-5f));
    }
  }

  @Test
  void correctsTheMomentsForTheirStartAtZero() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AdamW adam = new AdamW(manager, 0)) {
      NDArray weight = manager.create(new float[] {0});

      adam.update("weight", weight, manager.create(new float[] {1}), 1);
      adam.update("weight", weight, manager.create(new float[] {-1}), 1);

      // First moment (0.9·0.1 - 0.1) / (1 - 0.81) = -0.01 / 0.19, second exactly 1.
      assertThat(weight.toFloatArray()[0]).isCloseTo(-1 + 0.01f / 0.19f, within(1e-4f));
    }
  }

  @Test
  void decaysEveryParameterApartFromTheGradient() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AdamW adam = new AdamW(manager, 0.5)) {
      NDArray matrix = manager.create(new float[] {2}).reshape(1, 1);
      NDArray bias = manager.create(new float[] {2});

      adam.update("matrix", matrix, matrix.zerosLike(), 0.1);
      adam.update("bias", bias, bias.zerosLike(), 0.1);

      assertThat(matrix.toFloatArray()[0]).isCloseTo(1.9f, within(1e-6f));
      assertThat(bias.toFloatArray()[0]).isCloseTo(1.9f, within(1e-6f));
    }
  }

  @Test
  void goesOnFromItsStateAsIfItHadNeverStopped() {
    assertThat(OptimizerRestarts.path(manager -> new AdamW(manager, 0.1), true))
        .isEqualTo(OptimizerRestarts.path(manager -> new AdamW(manager, 0.1), false));
  }
}
