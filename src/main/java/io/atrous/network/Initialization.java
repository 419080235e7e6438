package io.atrous.network;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * What tensors are before any training: convolutions normal with deviation {@code sqrt(2 / (kernel²
 * · outChannels))} (He et al., "Delving Deep into Rectifiers", 2015), batch norms the identity.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class Initialization {

  private final RandomGenerator random;

  /**
   * Starts a sequence of numbers.
   *
   * @param seed equal seeds give equal numbers to equal tensors in an equal order
   */
  public Initialization(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A tensor's numbers, row-major, in a new array. */
  public float[] values(ParameterSpec parameter) {
    float[] values = new float[Math.toIntExact(parameter.count())];
    switch (parameter.role()) {
      case WEIGHT -> {
        // As many numbers as each input channel has: kernel² · outChannels.
        double fanOut = (double) values.length / parameter.shape().get(1);
        double deviation = Math.sqrt(2 / fanOut);
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian(0, deviation);
        }
      }
      case NORM_SCALE, RUNNING_VARIANCE -> Arrays.fill(values, 1);
      case BIAS, NORM_SHIFT, RUNNING_MEAN -> {}
    }
    return values;
  }
}
