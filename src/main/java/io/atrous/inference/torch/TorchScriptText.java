package io.atrous.inference.torch;

import io.atrous.inference.torch.TorchScriptProgram.Constant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of a TorchScript class as it grows, and expressions that occur in it.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class TorchScriptText {

  /** PyTorch's number for tensors of planes. */
  private static final int CONTIGUOUS = 0;

  /** PyTorch's number for pixel-interleaved tensors. */
  private static final int CHANNELS_LAST = 2;

  /** PyTorch's number for fp32. */
  private static final int FLOAT = 6;

  private final StringBuilder text = new StringBuilder();

  /** Declares the class and its tensors. */
  void beginClass(List<String> parameters, List<Constant> constants) {
    List<String> buffers = constants.stream().map(Constant::attribute).toList();
    line("class " + TorchScriptProgram.CLASS_NAME + "(Module):");
    // What PyTorch moves and converts with the module, as in .cuda() and .half().
    line("  __parameters__ = " + quoted(parameters));
    line("  __buffers__ = " + quoted(buffers));
    line("  training : bool");
    line("  _is_full_backward_hook : Optional[bool]");
    buffers.forEach(attribute -> line("  " + attribute + " : Tensor"));
    parameters.forEach(attribute -> line("  " + attribute + " : Tensor"));
  }

  /**
   * Begins a method that gives a tensor.
   *
   * @param parameters each after a comma
   */
  void method(String name, String parameters) {
    line(
        "  def %s(self: __torch__.%s%s) -> Tensor:"
            .formatted(name, TorchScriptProgram.CLASS_NAME, parameters));
  }

  void line(String line) {
    text.append(line).append('\n');
  }

  static String fp32(String value) {
    return "torch.to(%s, %d)".formatted(value, FLOAT);
  }

  static String channelsLast(String value) {
    return "torch.contiguous(%s, memory_format=%d)".formatted(value, CHANNELS_LAST);
  }

  /**
   * In planes. A copy always: of 1x1 weights and 1x1 images PyTorch's {@code contiguous} makes
   * none, and what decides between layouts would still find their strides interleaved.
   */
  static String contiguous(String value) {
    return "torch.clone(%s, memory_format=%d)".formatted(value, CONTIGUOUS);
  }

  /** To what the weights are in: as stored, or as PyTorch converted them afterwards. */
  static String asWeights(String value) {
    return "torch.to(%s, ops.prim.dtype(self.%s))"
        .formatted(value, TorchScriptProgram.weightAttribute(0));
  }

  /** {@code ‖a − b‖₂ / ‖b‖₂}, in fp32. */
  static String relativeError(String a, String b) {
    return "torch.div(torch.norm(torch.sub(%1$s, %2$s)), torch.norm(%2$s))"
        .formatted(fp32(a), fp32(b));
  }

  static String pair(int value) {
    return "[" + value + ", " + value + "]";
  }

  static String upsample(String value, String size, boolean alignCorners) {
    return "torch.upsample_bilinear2d(%s, %s, %s, None, None)"
        .formatted(value, size, alignCorners ? "True" : "False");
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "[", "]"));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
