package io.atrous.inference.torch;

import io.atrous.network.ConvUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which kernel computes each convolution of a network on a CUDA device: {@link
 * ConvolutionKernel#PLAIN} unless another was chosen.
 *
 * @param chosen the others
 */
record ConvolutionKernels(Map<ConvUnit, ConvolutionKernel> chosen) {

  /** None but plain ones, which run everywhere. */
  static final ConvolutionKernels PLAIN = new ConvolutionKernels(Map.of());

  ConvolutionKernels {
    Map<ConvUnit, ConvolutionKernel> others = new HashMap<>(chosen);
    others.values().removeIf(kernel -> kernel == ConvolutionKernel.PLAIN);
    chosen = Map.copyOf(others);
  }

  /** The kernel of a convolution. */
  ConvolutionKernel of(ConvUnit unit) {
    return chosen.getOrDefault(unit, ConvolutionKernel.PLAIN);
  }

  /** How many convolutions have which kernel, as logs say it. */
  @Override
  public String toString() {
    return Arrays.stream(ConvolutionKernel.values())
        .filter(chosen::containsValue)
        .map(kernel -> Collections.frequency(chosen.values(), kernel) + " " + kernel.label() + ", ")
        .collect(Collectors.joining("", "", chosen.isEmpty() ? "all plain" : "the others plain"));
  }
}
