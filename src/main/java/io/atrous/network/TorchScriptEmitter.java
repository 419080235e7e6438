package io.atrous.network;

import static io.atrous.network.TorchScriptProgram.biasAttribute;
import static io.atrous.network.TorchScriptProgram.weightAttribute;

import io.atrous.model.Normalization;
import io.atrous.network.NetworkGraph.AddRelu;
import io.atrous.network.NetworkGraph.Concat;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.GlobalAveragePool;
import io.atrous.network.NetworkGraph.MaxPool;
import io.atrous.network.NetworkGraph.Resize;
import io.atrous.network.NetworkGraph.Step;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.TorchScriptProgram.Constant;
import io.atrous.network.TorchScriptVariant.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes a network down as TorchScript code: batch norm folded away, images pixel-interleaved
 * (channels last) throughout, and the last upsampling, softmax and the choice of the winning class
 * in fp32 whatever the body computes in.
 *
 * <p>With {@link TorchScriptVariant.Kernels#ONEDNN} a convolution takes the ReLU after it and the
 * residual addition after it into its kernel. The sum overwrites the residual's memory only where
 * nothing reads the residual later; else it gets memory of its own.
 *
 * <p><b>Threading:</b> confined to one call of {@link #emit}.
 */
final class TorchScriptEmitter {

  /** PyTorch's number for pixel-interleaved tensors. */
  private static final int CHANNELS_LAST = 2;

  /** PyTorch's number for fp32. */
  private static final int FLOAT = 6;

  /** A fused activation's parameters and algorithm: ReLU has neither. */
  private static final String NO_PARAMETERS = "annotate(List[Optional[number]], []), None";

  private final List<Step> steps;
  private final Value body;
  private final boolean alignCorners;
  private final Kernels kernels;

  /** Residual additions that take a convolution into their kernel, and that convolution. */
  private final Map<Integer, Integer> fused = new HashMap<>();

  /** The place of the last step, as executed, that reads a value; by the value's index. */
  private final int[] lastRead;

  private final List<ConvUnit> convolutions = new ArrayList<>();
  private final StringBuilder code = new StringBuilder();

  private TorchScriptEmitter(
      NetworkGraph graph, Value body, boolean alignCorners, Kernels kernels) {
    this.steps = graph.steps();
    this.body = body;
    this.alignCorners = alignCorners;
    this.kernels = kernels;
    this.lastRead = new int[steps.size()];
  }

  /**
   * Emits a network.
   *
   * @param graph the network
   * @param coarseLogits its logits before the last upsampling
   * @param alignCorners whether that upsampling aligns corners
   * @param normalization what {@code segment} does to the pixels first
   */
  static TorchScriptProgram emit(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Normalization normalization,
      Kernels kernels) {
    TorchScriptEmitter emitter = new TorchScriptEmitter(graph, coarseLogits, alignCorners, kernels);
    if (kernels == Kernels.ONEDNN) {
      emitter.fuseResidualAdditions();
    }
    emitter.findLastReads();
    return emitter.program(normalization);
  }

  private void fuseResidualAdditions() {
    int[] reads = new int[steps.size()];
    steps.forEach(step -> step.operands().forEach(operand -> reads[operand.index()]++));
    for (int i = 0; i < body.index(); i++) {
      if (steps.get(i) instanceof AddRelu sum) {
        for (Value term : List.of(sum.input(), sum.residual())) {
          if (!fused.containsKey(i)
              && reads[term.index()] == 1
              && steps.get(term.index()) instanceof Convolution convolution
              && !convolution.unit().relu()) {
            fused.put(i, term.index());
          }
        }
      }
    }
  }

  /** A fused convolution is executed, and reads its input, where its addition stands. */
  private void findLastReads() {
    for (int i = 0; i <= body.index(); i++) {
      Integer convolution = fused.get(i);
      for (Value operand : steps.get(i).operands()) {
        lastRead[operand.index()] = Math.max(lastRead[operand.index()], i);
      }
      if (convolution != null) {
        for (Value operand : steps.get(convolution).operands()) {
          lastRead[operand.index()] = Math.max(lastRead[operand.index()], i);
        }
      }
    }
    lastRead[body.index()] = Integer.MAX_VALUE;
  }

  /** Whether a step may write its result over an operand: memory of our own, not read again. */
  private boolean overwritable(Value operand, int place) {
    Step step = steps.get(operand.index());
    return lastRead[operand.index()] == place
        && (step instanceof Convolution || step instanceof AddRelu || step instanceof MaxPool);
  }

  private TorchScriptProgram program(Normalization normalization) {
    for (int i = 0; i <= body.index(); i++) {
      if (steps.get(i) instanceof Convolution convolution
          && !convolutions.contains(convolution.unit())) {
        convolutions.add(convolution.unit());
      }
    }
    List<Constant> constants = normalizationConstants(normalization);
    line("class " + TorchScriptProgram.CLASS_NAME + "(Module):");
    // What PyTorch moves and converts with the module, as in .cuda() and .half().
    line("  __parameters__ = " + quoted(weightsAndBiases()));
    line("  __buffers__ = " + quoted(constants.stream().map(Constant::attribute).toList()));
    line("  training : bool");
    line("  _is_full_backward_hook : Optional[bool]");
    constants.forEach(constant -> line("  " + constant.attribute() + " : Tensor"));
    weightsAndBiases().forEach(attribute -> line("  " + attribute + " : Tensor"));
    emitPrepare();
    emitBody();
    emitLogits("forward");
    emitLogits("logits");
    emitScores();
    emitSegment();
    return new TorchScriptProgram(code.toString(), constants, convolutions);
  }

  /** As one multiplication and one subtraction of a pixel value 0..255. */
  private static List<Constant> normalizationConstants(Normalization normalization) {
    List<Float> scale = new ArrayList<>();
    List<Float> shift = new ArrayList<>();
    for (int c = 0; c < normalization.mean().size(); c++) {
      double deviation = normalization.deviation().get(c);
      scale.add((float) (1 / (255 * deviation)));
      shift.add((float) (normalization.mean().get(c) / deviation));
    }
    return List.of(new Constant("scale", scale), new Constant("shift", shift));
  }

  private List<String> weightsAndBiases() {
    return IntStream.range(0, convolutions.size())
        .boxed()
        .flatMap(i -> Stream.of(weightAttribute(i), biasAttribute(i)))
        .toList();
  }

  private void emitPrepare() {
    method("prepare", "");
    if (kernels == Kernels.ONEDNN) {
      for (int i = 0; i < convolutions.size(); i++) {
        String weight = "self." + weightAttribute(i);
        ConvUnit unit = convolutions.get(i);
        line(
            "    %s = ops.mkldnn._reorder_convolution_weight(%s, %s, %s, %s, 1, None)"
                .formatted(
                    weight,
                    weight,
                    pair(unit.padding()),
                    pair(unit.stride()),
                    pair(unit.dilation())));
      }
    }
    line("    return self.scale");
  }

  private void emitBody() {
    method("body", ", v0: Tensor");
    for (int i = 1; i <= body.index(); i++) {
      if (!fused.containsValue(i)) {
        line("    " + name(new Value(i)) + " = " + expression(steps.get(i), i));
      }
    }
    line("    return " + name(body));
  }

  private String expression(Step step, int place) {
    if (step instanceof Convolution convolution) {
      return convolution(convolution.unit(), convolution.input());
    } else if (step instanceof AddRelu sum) {
      return sum(sum, place);
    } else if (step instanceof MaxPool pool) {
      return "torch.max_pool2d(%s, [3, 3], [2, 2], [1, 1], [1, 1], False)"
          .formatted(name(pool.input()));
    } else if (step instanceof GlobalAveragePool pool) {
      return "torch.adaptive_avg_pool2d(%s, [1, 1])".formatted(name(pool.input()));
    } else if (step instanceof Resize resize) {
      return resize(resize);
    } else if (step instanceof Concat concat) {
      return concat.inputs().stream()
          .map(TorchScriptEmitter::name)
          .collect(Collectors.joining(", ", "torch.cat([", "], 1)"));
    }
    throw new IllegalStateException("the image is given, not computed: " + step);
  }

  private String convolution(ConvUnit unit, Value input) {
    if (kernels == Kernels.ONEDNN) {
      return "ops.mkldnn._convolution_pointwise(%s, %s, \"%s\", %s)"
          .formatted(
              name(input), oneDnnArguments(unit), unit.relu() ? "relu" : "none", NO_PARAMETERS);
    }
    int i = convolutions.indexOf(unit);
    String result =
        "torch.conv2d(%s, self.%s, self.%s, %s, %s, %s, 1)"
            .formatted(
                name(input),
                weightAttribute(i),
                biasAttribute(i),
                pair(unit.stride()),
                pair(unit.padding()),
                pair(unit.dilation()));
    return unit.relu() ? "torch.relu_(" + result + ")" : result;
  }

  private String sum(AddRelu sum, int place) {
    Integer inner = fused.get(place);
    if (inner != null && steps.get(inner) instanceof Convolution convolution) {
      Value residual = sum.input().index() == inner ? sum.residual() : sum.input();
      // A kernel that reads its source while it writes over it would read its own results.
      boolean inPlace = overwritable(residual, place) && !residual.equals(convolution.input());
      String function = inPlace ? "_convolution_pointwise_" : "_convolution_pointwise";
      Value first = inPlace ? residual : convolution.input();
      Value second = inPlace ? convolution.input() : residual;
      return "ops.mkldnn.%s(%s, %s, %s, \"add\", 1., \"relu\", %s)"
          .formatted(
              function,
              name(first),
              name(second),
              oneDnnArguments(convolution.unit()),
              NO_PARAMETERS);
    }
    if (overwritable(sum.input(), place)) {
      return "torch.relu_(torch.add_(%s, %s))".formatted(name(sum.input()), name(sum.residual()));
    }
    return "torch.relu_(torch.add(%s, %s))".formatted(name(sum.input()), name(sum.residual()));
  }

  private String oneDnnArguments(ConvUnit unit) {
    int i = convolutions.indexOf(unit);
    return "self.%s, self.%s, %s, %s, %s, 1"
        .formatted(
            weightAttribute(i),
            biasAttribute(i),
            pair(unit.padding()),
            pair(unit.stride()),
            pair(unit.dilation()));
  }

  private String resize(Resize resize) {
    String size = "[torch.size(%1$s, 2), torch.size(%1$s, 3)]".formatted(name(resize.like()));
    if (isOnePixel(resize.input())) {
      String plane = size.replace("[", "[-1, -1, ");
      return channelsLast("torch.expand(%s, %s)".formatted(name(resize.input()), plane));
    }
    return upsample(name(resize.input()), size, resize.alignCorners());
  }

  private boolean isOnePixel(Value value) {
    Step step = steps.get(value.index());
    return step instanceof GlobalAveragePool
        || (step instanceof Convolution convolution
            && convolution.unit().kernel() == 1
            && isOnePixel(convolution.input()));
  }

  private void emitLogits(String name) {
    method(name, ", x: Tensor");
    line("    y = (self).body(" + channelsLast(cast("x")) + ", )");
    String size = "[torch.size(x, 2), torch.size(x, 3)]";
    line("    return torch.contiguous(" + upsample(fp32("y"), size, alignCorners) + ")");
  }

  /**
   * From pixels to logits of float [N, H, W, classes].
   *
   * <p>The pixels are normalized a row at a time, since a kernel that repeats three numbers over
   * three channels is not vectorized.
   */
  private void emitScores() {
    method("scores", ", images: Tensor");
    line("    width = torch.size(images, 2)");
    line("    scale = torch.repeat(torch.flatten(self.scale), [width])");
    line("    shift = torch.repeat(torch.flatten(self.shift), [width])");
    line("    rows = " + fp32("torch.flatten(images, 2)"));
    line("    normalized = torch.sub_(torch.mul_(rows, scale), shift)");
    line("    x = torch.reshape(" + cast("normalized") + ", torch.size(images))");
    line("    y = (self).body(" + channelsLast("torch.permute(x, [0, 3, 1, 2])") + ", )");
    String size = "[torch.size(images, 1), torch.size(images, 2)]";
    line("    z = " + upsample(fp32("y"), size, alignCorners));
    line("    return torch.permute(z, [0, 2, 3, 1])");
  }

  /**
   * The winner's probability is 1 / Σ exp(z − max z): a quarter of the time of a softmax of few
   * classes, all of which but one would be thrown away. And max finds the winner faster than
   * argmax.
   */
  private void emitSegment() {
    method("segment", ", images: Tensor, labels: Tensor");
    line("    highest, winner, = torch.max((self).scores(images, ), -1)");
    line("    return torch.copy_(labels, winner)");
    method("segment_with_confidence", ", images: Tensor, labels: Tensor, confidence: Tensor");
    line("    z = (self).scores(images, )");
    line("    highest, winner, = torch.max(z, -1, True)");
    line("    sum = torch.sum(torch.exp_(torch.sub_(z, highest)), [-1])");
    line("    probability = torch.reciprocal_(sum)");
    line("    written = torch.copy_(confidence, torch.round_(torch.mul_(probability, 255)))");
    line("    return torch.copy_(labels, torch.squeeze(winner, -1))");
  }

  private void method(String name, String parameters) {
    line(
        "  def %s(self: __torch__.%s%s) -> Tensor:"
            .formatted(name, TorchScriptProgram.CLASS_NAME, parameters));
  }

  private void line(String text) {
    code.append(text).append('\n');
  }

  /** To what the weights are in: as stored, or as PyTorch converted them afterwards. */
  private static String cast(String value) {
    return "torch.to(%s, ops.prim.dtype(self.%s))".formatted(value, weightAttribute(0));
  }

  private static String fp32(String value) {
    return "torch.to(%s, %d)".formatted(value, FLOAT);
  }

  private static String channelsLast(String value) {
    return "torch.contiguous(%s, memory_format=%d)".formatted(value, CHANNELS_LAST);
  }

  private static String upsample(String value, String size, boolean alignCorners) {
    return "torch.upsample_bilinear2d(%s, %s, %s, None, None)"
        .formatted(value, size, alignCorners ? "True" : "False");
  }

  private static String quoted(List<String> names) {
    return names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ", "[", "]"));
  }

  private static String name(Value value) {
    return "v" + value.index();
  }

  private static String pair(int value) {
    return "[" + value + ", " + value + "]";
  }
}
