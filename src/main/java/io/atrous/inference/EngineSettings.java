package io.atrous.inference;

import io.atrous.model.ModelFile;
import java.nio.file.Path;

/**
 * How a model is to run.
 *
 * @param target where
 * @param precision what the network's body computes in
 * @param inputHeight pixels down of every image: the model's own unless overridden
 * @param inputWidth pixels across of every image
 * @param maxBatchSize the most images per call
 * @param confidence whether masks come with a confidence map
 * @param threads the number of cores that a call may use on a CPU, for the whole process
 * @param temporaryDirectory where the compiled network lies while it is loaded
 * @param kernelSearch whether a CUDA device's kernel is searched for each convolution at start
 * @param int8MaxLoss the most that int8 may have cost a model, in points of mean IoU, to be taken
 *     where no precision is asked for
 */
public record EngineSettings(
    ExecutionTarget target,
    PrecisionChoice precision,
    int inputHeight,
    int inputWidth,
    int maxBatchSize,
    boolean confidence,
    int threads,
    Path temporaryDirectory,
    boolean kernelSearch,
    double int8MaxLoss) {

  /** The points of mean IoU that int8 may cost unless something else is said. */
  public static final double DEFAULT_INT8_MAX_LOSS = 0.5;

  /** Settings without a search for kernels. */
  public EngineSettings(
      ExecutionTarget target,
      PrecisionChoice precision,
      int inputHeight,
      int inputWidth,
      int maxBatchSize,
      boolean confidence,
      int threads,
      Path temporaryDirectory) {
    this(
        target,
        precision,
        inputHeight,
        inputWidth,
        maxBatchSize,
        confidence,
        threads,
        temporaryDirectory,
        false,
        DEFAULT_INT8_MAX_LOSS);
  }

  public EngineSettings {
    requirePositive("input height", inputHeight);
    requirePositive("input width", inputWidth);
    requirePositive("maximum batch size", maxBatchSize);
    requirePositive("number of threads", threads);
    // A batch lies in one buffer.
    long bytes = (long) inputHeight * inputWidth * 3 * maxBatchSize;
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch of %d images of %dx%d pixels is too large: lower the maximum batch size"
              .formatted(maxBatchSize, inputWidth, inputHeight));
    }
  }

  /** The same for one device. */
  EngineSettings on(ExecutionTarget device) {
    return with(device, precision);
  }

  /** The same for an engine that computes as another does. */
  EngineSettings like(EngineProfile other) {
    return with(target, precision.like(other));
  }

  private EngineSettings with(ExecutionTarget target, PrecisionChoice precision) {
    return new EngineSettings(
        target,
        precision,
        inputHeight,
        inputWidth,
        maxBatchSize,
        confidence,
        threads,
        temporaryDirectory,
        kernelSearch,
        int8MaxLoss);
  }

  /** Returns whether int8 costs a model little enough to be taken without being asked for. */
  public boolean allowsInt8(ModelFile model) {
    return model
        .quantization()
        .filter(calibrated -> calibrated.accuracy().loss() <= int8MaxLoss)
        .isPresent();
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be positive, not " + value);
    }
  }
}
