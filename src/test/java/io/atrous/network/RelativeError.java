package io.atrous.network;

import static org.assertj.core.api.Assertions.assertThat;

/** How far numbers are from what they should be. */
public final class RelativeError {

  private RelativeError() {}

  /** ‖actual − expected‖₂ / ‖expected‖₂. */
  public static double of(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / norm);
  }
}
