package io.atrous.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;

class SgdTest {

  private static final double[] RATES = {1, 0.1, 0.1};

  /** What a weight that begins at zero becomes under a constant gradient of one. */
  private static double[] path(boolean nesterov) {
    double[] path = new double[RATES.length];
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        Sgd sgd = new Sgd(manager, 0.9, 0, nesterov)) {
      NDArray weight = manager.create(new float[] {0});
      NDArray gradient = manager.create(new float[] {1});
      for (int step = 0; step < RATES.length; step++) {
        sgd.update("weight", weight, gradient, RATES[step]);
        path[step] = weight.toFloatArray()[0];
      }
      assertThat(gradient.toFloatArray()).containsExactly(1);
    }
    return path;
  }

  @Test
  void keepsTheRateOutOfTheVelocityAsPyTorchDoes() {
    // Velocities 1, 1.9, 2.71: -1·1, -0.1·1.9, -0.1·2.71. DJL's own goes to -1, -2, -3.
    assertThat(path(false)).containsExactly(new double[] {-1, -1.19, -1.461}, within(1e-6));
  }

  @Test
  void looksAheadWithNesterov() {
    // 1 + 0.9·1, then 1 + 0.9·1.9, then 1 + 0.9·2.71.
    assertThat(path(true)).containsExactly(new double[] {-1.9, -2.171, -2.5149}, within(1e-5));
  }

  @Test
  void decaysEveryParameterAsPyTorchDoes() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        Sgd sgd = new Sgd(manager, 0, 0.5, false)) {
      NDArray matrix = manager.create(new float[] {2}).reshape(1, 1);
      NDArray bias = manager.create(new float[] {2});

      sgd.update("matrix", matrix, matrix.zerosLike(), 0.1);
      sgd.update("bias", bias, bias.zerosLike(), 0.1);

      assertThat(matrix.toFloatArray()[0]).isCloseTo(1.9f, within(1e-6f));
      assertThat(bias.toFloatArray()[0]).isCloseTo(1.9f, within(1e-6f));
    }
  }

  @Test
  void goesOnFromItsStateAsIfItHadNeverStopped() {
    assertThat(OptimizerRestarts.path(manager -> new Sgd(manager, 0.9, 0.1, true), true))
        .isEqualTo(OptimizerRestarts.path(manager -> new Sgd(manager, 0.9, 0.1, true), false));
  }
}
