package io.atrous.inference.torch;

import static io.atrous.inference.torch.TorchScriptText.channelsLast;
import static io.atrous.inference.torch.TorchScriptText.pair;

import io.atrous.network.ConvUnit;
import java.util.Locale;

/**
 * The ways to compute a convolution on a CUDA device, as TorchScript. Each takes its input and
 * gives its result pixel-interleaved (channels last); one that computes in planes converts both,
 * and so pays for that itself.
 *
 * <p>cuDNN's fused convolutions always end in a ReLU.
 */
enum ConvolutionKernel {
  /** {@code conv2d}; bias, residual and ReLU are kernels of their own. */
  PLAIN(false, false),
  /** The same in planes. */
  PLAIN_CONTIGUOUS(false, true),
  /** cuDNN's convolution with bias, residual and ReLU fused in. */
  FUSED(true, false),
  /** The same in planes. */
  FUSED_CONTIGUOUS(true, true);

  private final boolean fused;
  private final boolean contiguous;

  ConvolutionKernel(boolean fused, boolean contiguous) {
    this.fused = fused;
    this.contiguous = contiguous;
  }

  /** As logs call it, such as {@code fused contiguous}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  boolean fused() {
    return fused;
  }

  /** Whether it wants its weights by {@link TorchScriptText#contiguous}. */
  boolean contiguous() {
    return contiguous;
  }

  /**
   * The convolution, and the ReLU that ends the unit.
   *
   * @param weight as laid out for this kernel
   * @throws IllegalArgumentException if the unit ends in no ReLU and the kernel would add one
   */
  String call(ConvUnit unit, String input, String weight, String bias) {
    if (fused && !unit.relu()) {
      throw new IllegalArgumentException(unit.name() + " ends in no ReLU, which " + this + " adds");
    }
    String result =
        "torch.%s(%s, %s, %s, %s)"
            .formatted(
                fused ? "cudnn_convolution_relu" : "conv2d",
                layout(input),
                weight,
                bias,
                window(unit));
    return restored(unit.relu() && !fused ? "torch.relu_(" + result + ")" : result);
  }

  /**
   * The convolution, the addition of a residual, and the ReLU after it.
   *
   * @param weight as laid out for this kernel
   */
  String callWithResidual(
      ConvUnit unit, String input, String weight, String bias, String residual) {
    if (!fused) {
      return "torch.relu_(torch.add_(%s, %s))".formatted(call(unit, input, weight, bias), residual);
    }
    return restored(
        "torch.cudnn_convolution_add_relu(%s, %s, %s, 1., %s, %s)"
            .formatted(layout(input), weight, residual, bias, window(unit)));
  }

  private String layout(String input) {
    return contiguous ? TorchScriptText.contiguous(input) : input;
  }

  private String restored(String result) {
    return contiguous ? channelsLast(result) : result;
  }

  /** Stride first, as {@code conv2d} and cuDNN's have it, but not oneDNN's; one group. */
  private static String window(ConvUnit unit) {
    return "%s, %s, %s, 1"
        .formatted(pair(unit.stride()), pair(unit.padding()), pair(unit.dilation()));
  }
}
