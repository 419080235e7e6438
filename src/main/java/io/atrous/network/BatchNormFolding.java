package io.atrous.network;

import java.util.function.Function;

/**
 * Folds a batch norm, as it is in evaluation, into the convolution before it. The arithmetic is in
 * double and rounded once.
 */
public final class BatchNormFolding {

  private BatchNormFolding() {}

  /**
   * Gives a convolution the same output without its batch norm.
   *
   * @param tensors the unit's tensors by name, row-major; only read
   * @throws ArithmeticException if a folded number is not finite
   */
  public static FoldedConvolution fold(ConvUnit unit, Function<String, float[]> tensors) {
    int channels = unit.outChannels();
    float[] weight = tensors.apply(unit.name() + ".weight").clone();
    float[] bias = unit.bias() ? tensors.apply(unit.name() + ".bias").clone() : new float[channels];
    if (unit.norm() == null) {
      return new FoldedConvolution(weight, bias);
    }
    float[] scale = tensors.apply(unit.norm() + ".weight");
    float[] shift = tensors.apply(unit.norm() + ".bias");
    float[] mean = tensors.apply(unit.norm() + ".running_mean");
    float[] variance = tensors.apply(unit.norm() + ".running_var");
    int perChannel = weight.length / channels;
    for (int channel = 0; channel < channels; channel++) {
      double factor = scale[channel] / Math.sqrt(variance[channel] + ConvUnit.NORM_EPSILON);
      bias[channel] = (float) ((bias[channel] - (double) mean[channel]) * factor + shift[channel]);
      for (int i = channel * perChannel; i < (channel + 1) * perChannel; i++) {
        weight[i] = (float) (weight[i] * factor);
      }
      // A variance of at most -epsilon makes the factor, and so the bias, infinite or NaN.
      if (!Float.isFinite(bias[channel]) || !Double.isFinite(factor)) {
        throw new ArithmeticException(
            "batch norm "
                + unit.norm()
                + " has an unusable variance of "
                + variance[channel]
                + " in channel "
                + channel);
      }
    }
    return new FoldedConvolution(weight, bias);
  }
}
