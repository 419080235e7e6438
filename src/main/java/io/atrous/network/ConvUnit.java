package io.atrous.network;

import io.atrous.network.ParameterSpec.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A convolution with what follows it at once: batch norm, then ReLU.
 *
 * <p>Padding is {@code dilation * (kernel / 2)} on every side ("same" at stride 1).
 *
 * @param name the convolution's parameter prefix: {@code name.weight} is float [outChannels,
 *     inChannels, kernel, kernel]; {@code name.bias} is float [outChannels] if {@code bias}
 * @param norm the batch norm's parameter prefix ({@code weight}, {@code bias}, {@code
 *     running_mean}, {@code running_var}, epsilon 1e-5), or null for none
 * @param bias whether the convolution has a bias of its own
 * @param relu whether a ReLU ends the unit
 */
public record ConvUnit(
    String name,
    @Nullable String norm,
    int inChannels,
    int outChannels,
    int kernel,
    int stride,
    int dilation,
    boolean bias,
    boolean relu) {

  /** What batch norm adds to the variance. */
  public static final double NORM_EPSILON = 1e-5;

  /** The unit's tensors: the convolution's first, then the batch norm's. */
  public List<ParameterSpec> parameters() {
    List<Integer> perChannel = List.of(outChannels);
    List<ParameterSpec> parameters = new ArrayList<>();
    parameters.add(
        new ParameterSpec(
            name + ".weight", Role.WEIGHT, List.of(outChannels, inChannels, kernel, kernel)));
    if (bias) {
      parameters.add(new ParameterSpec(name + ".bias", Role.BIAS, perChannel));
    }
    if (norm != null) {
      parameters.add(new ParameterSpec(norm + ".weight", Role.NORM_SCALE, perChannel));
      parameters.add(new ParameterSpec(norm + ".bias", Role.NORM_SHIFT, perChannel));
      parameters.add(new ParameterSpec(norm + ".running_mean", Role.RUNNING_MEAN, perChannel));
      parameters.add(new ParameterSpec(norm + ".running_var", Role.RUNNING_VARIANCE, perChannel));
    }
    return List.copyOf(parameters);
  }

  /** Zero padding on every side, in pixels. */
  public int padding() {
    return dilation * (kernel / 2);
  }

  /** A 1×1 convolution with batch norm and ReLU. */
  public static ConvUnit pointwise(String name, String norm, int inChannels, int outChannels) {
    return new ConvUnit(name, norm, inChannels, outChannels, 1, 1, 1, false, true);
  }

  /** A 3×3 convolution with batch norm and ReLU, not dilated. */
  public static ConvUnit threeByThree(
      String name, String norm, int inChannels, int outChannels, int stride) {
    return new ConvUnit(name, norm, inChannels, outChannels, 3, stride, 1, false, true);
  }

  /** A 1×1 convolution with a bias and nothing after it. */
  public static ConvUnit plain(String name, int inChannels, int outChannels) {
    return new ConvUnit(name, null, inChannels, outChannels, 1, 1, 1, true, false);
  }
}
