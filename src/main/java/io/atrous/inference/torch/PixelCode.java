package io.atrous.inference.torch;

import static io.atrous.inference.torch.TorchScriptText.fp32;
import static io.atrous.inference.torch.TorchScriptText.upsample;

import io.atrous.inference.torch.TorchScriptProgram.Constant;
import io.atrous.model.Normalization;
import io.atrous.model.ProgramSpec;
import io.atrous.model.ProgramSpec.ChannelOrder;
import io.atrous.model.ProgramSpec.TensorLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What surrounds every network as TorchScript code: from pixels to its input, and from logits on.
 */
final class PixelCode {

  private PixelCode() {}

  /** The code alone, for a network that is not ours. */
  static TorchScriptProgram program(Normalization normalization, ProgramSpec spec) {
    TorchScriptText code = new TorchScriptText();
    List<Constant> constants = constants(normalization);
    code.beginClass(List.of(), constants);
    code.method("prepare", "");
    code.line("    return self.scale");
    pixels(code, spec.layout(), spec.channels());
    choose(code, spec.alignCorners());
    return new TorchScriptProgram(code.toString(), constants, List.of());
  }

  /** As one multiplication and one subtraction of a pixel value 0..255. */
  static List<Constant> constants(Normalization normalization) {
    List<Float> scale = new ArrayList<>();
    List<Float> shift = new ArrayList<>();
    for (int c = 0; c < normalization.mean().size(); c++) {
      double deviation = normalization.deviation().get(c);
      scale.add((float) (1 / (255 * deviation)));
      shift.add((float) (normalization.mean().get(c) / deviation));
    }
    return List.of(new Constant("scale", scale), new Constant("shift", shift));
  }

  /**
   * Emits {@code pixels(images)}: normalized, float32, as the network wants them.
   *
   * <p>They are normalized a row at a time, since a kernel that repeats three numbers over three
   * channels is not vectorized.
   */
  static void pixels(TorchScriptText code, TensorLayout layout, ChannelOrder channels) {
    code.method("pixels", ", images: Tensor");
    code.line("    width = torch.size(images, 2)");
    code.line("    scale = torch.repeat(torch.flatten(self.scale), [width])");
    code.line("    shift = torch.repeat(torch.flatten(self.shift), [width])");
    code.line("    rows = " + fp32("torch.flatten(images, 2)"));
    code.line("    normalized = torch.sub_(torch.mul_(rows, scale), shift)");
    String x = "torch.reshape(normalized, torch.size(images))";
    if (channels == ChannelOrder.BGR) {
      x = "torch.flip(" + x + ", [3])";
    }
    code.line(
        "    return "
            + (layout == TensorLayout.NCHW ? "torch.permute(" + x + ", [0, 3, 1, 2])" : x));
  }

  /**
   * Emits {@code choose(y, labels)} and {@code choose_with_confidence(y, labels, confidence)}: the
   * logits {@code y}, at the labels' size, decide what is written there; and {@code
   * probabilities(y, like)}, their softmax at that size.
   *
   * <p>The winner's probability is 1 / Σ exp(z − max z): a quarter of the time of a softmax of few
   * classes, all of which but one would be thrown away. And max finds the winner faster than
   * argmax.
   */
  static void choose(TorchScriptText code, boolean alignCorners) {
    code.method("scores", ", y: Tensor, like: Tensor");
    String size = "[torch.size(like, 1), torch.size(like, 2)]";
    code.line("    z = " + upsample(fp32("y"), size, alignCorners));
    code.line("    return torch.permute(z, [0, 2, 3, 1])");
    code.method("probabilities", ", y: Tensor, like: Tensor");
    code.line("    return torch.contiguous(torch.softmax((self).scores(y, like, ), -1))");
    code.method("choose", ", y: Tensor, labels: Tensor");
    code.line("    highest, winner, = torch.max((self).scores(y, labels, ), -1)");
    code.line("    return torch.copy_(labels, winner)");
    code.method("choose_with_confidence", ", y: Tensor, labels: Tensor, confidence: Tensor");
    code.line("    z = (self).scores(y, labels, )");
    code.line("    highest, winner, = torch.max(z, -1, True)");
    code.line("    sum = torch.sum(torch.exp_(torch.sub_(z, highest)), [-1])");
    code.line("    probability = torch.reciprocal_(sum)");
    code.line("    written = torch.copy_(confidence, torch.round_(torch.mul_(probability, 255)))");
    code.line("    return torch.copy_(labels, torch.squeeze(winner, -1))");
  }
}
