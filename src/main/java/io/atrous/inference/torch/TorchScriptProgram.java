package io.atrous.inference.torch;

import io.atrous.network.ConvUnit;
import java.util.List;

/**
 * An emitted network without its weights: TorchScript code and the tensors that it expects.
 *
 * <p>The module's methods; what {@link PixelCode} makes for somebody else's network has only {@code
 * prepare}, {@code pixels}, {@code choose} and {@code probabilities}:
 *
 * <ul>
 *   <li>{@code prepare()}: at most once, after loading: lays out the weights for this machine's
 *       processor if the kernels have a layout of their own, which makes the rest faster. A module
 *       prepared so can't be saved.
 *   <li>{@code forward(x)} and {@code logits(x)}: normalized float [N, C, H, W] to float logits [N,
 *       classes, H, W].
 *   <li>{@code pixels(images)}: images uint8 [N, H, W, C] to normalized float [N, C, H, W].
 *   <li>{@code coarse_logits(images)}: from pixels to the logits before the last upsampling, in
 *       what the body computes in.
 *   <li>{@code choose(y, labels)}: logits [N, classes, h, w], of which the winners are written to
 *       labels uint8 [N, H, W].
 *   <li>{@code choose_with_confidence(y, labels, confidence)}: writes also confidence uint8 [N, H,
 *       W], round(255 * softmax of the winning class).
 *   <li>{@code probabilities(y, like)}: logits [N, classes, h, w] to the probability of each class,
 *       float [N, H, W, classes], at the size of {@code like}, [N, H, W] or [N, H, W, C].
 *   <li>{@code segment(images, labels)} and {@code segment_with_confidence(images, labels,
 *       confidence)}: from pixels to what is chosen; {@code class_probabilities(images)}: to the
 *       probabilities.
 * </ul>
 *
 * @param code the text of {@code code/__torch__.py}
 * @param constants small tensors known to the code, by attribute
 * @param convolutions the convolutions in the order of their attributes: {@code w0}, {@code b0},
 *     {@code w1} …
 */
record TorchScriptProgram(String code, List<Constant> constants, List<ConvUnit> convolutions) {

  /** The one class of the code. */
  static final String CLASS_NAME = "Network";

  TorchScriptProgram {
    constants = List.copyOf(constants);
    convolutions = List.copyOf(convolutions);
  }

  /**
   * A tensor of float [1, n, 1, 1].
   *
   * @param attribute what the code calls it
   */
  record Constant(String attribute, List<Float> values) {
    Constant {
      values = List.copyOf(values);
    }
  }

  static String weightAttribute(int convolution) {
    return "w" + convolution;
  }

  static String biasAttribute(int convolution) {
    return "b" + convolution;
  }
}
