package io.atrous.network;

import static io.atrous.network.TorchScriptProgram.biasAttribute;
import static io.atrous.network.TorchScriptProgram.weightAttribute;
import static io.atrous.network.TorchScriptText.channelsLast;
import static io.atrous.network.TorchScriptText.fp32;
import static io.atrous.network.TorchScriptText.upsample;

import io.atrous.model.Normalization;
import io.atrous.model.ProgramSpec.ChannelOrder;
import io.atrous.model.ProgramSpec.Layout;
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
  private final TorchScriptText code = new TorchScriptText();

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
    List<Constant> constants = PixelCode.constants(normalization);
    code.beginClass(weightsAndBiases(), constants);
    emitPrepare();
    emitBody();
    emitLogits("forward");
    emitLogits("logits");
    PixelCode.pixels(code, Layout.NCHW, ChannelOrder.RGB);
    PixelCode.choose(code, alignCorners);
    emitSegment();
    return new TorchScriptProgram(code.toString(), constants, convolutions);
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

  /** From pixels to masks. */
  private void emitSegment() {
    method("coarse_logits", ", images: Tensor");
    line("    x = " + channelsLast(cast("(self).pixels(images, )")));
    line("    return (self).body(x, )");
    String y = "(self).coarse_logits(images, )";
    method("segment", ", images: Tensor, labels: Tensor");
    line("    return (self).choose(" + y + ", labels, )");
    method("segment_with_confidence", ", images: Tensor, labels: Tensor, confidence: Tensor");
    line("    return (self).choose_with_confidence(" + y + ", labels, confidence, )");
  }

  private void method(String name, String parameters) {
    code.method(name, parameters);
  }

  private void line(String text) {
    code.line(text);
  }

  /** To what the weights are in: as stored, or as PyTorch converted them afterwards. */
  private static String cast(String value) {
    return "torch.to(%s, ops.prim.dtype(self.%s))".formatted(value, weightAttribute(0));
  }

  private static String name(Value value) {
    return "v" + value.index();
  }

  private static String pair(int value) {
    return "[" + value + ", " + value + "]";
  }
}
