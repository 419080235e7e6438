package io.atrous.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a training goes on from.
 *
 * @param setup what is trained on what and how
 * @param elapsedNanos the nanoseconds that were trained so far
 * @param best the best model so far; null if none was measured
 * @param weights the network's tensors by name, running statistics included, row-major
 * @param position the next step, and the optimizer's state
 */
record TrainingCheckpoint(
    JsonNode setup,
    long elapsedNanos,
    @Nullable Best best,
    Map<String, float[]> weights,
    Trainer.Position position) {

  /**
   * The best model so far, by validation.
   *
   * @param step the number of steps after which it was measured
   */
  record Best(int step, double meanIoU) {}
}
