package io.atrous.inference.torch;

import static io.atrous.inference.torch.TorchScriptProgram.biasAttribute;
import static io.atrous.inference.torch.TorchScriptProgram.weightAttribute;
import static io.atrous.inference.torch.TorchScriptText.asWeights;
import static io.atrous.inference.torch.TorchScriptText.channelsLast;
import static io.atrous.inference.torch.TorchScriptText.contiguous;
import static io.atrous.inference.torch.TorchScriptText.fp32;
import static io.atrous.inference.torch.TorchScriptText.pair;
import static io.atrous.inference.torch.TorchScriptText.relativeError;
import static io.atrous.inference.torch.TorchScriptText.upsample;

import io.atrous.inference.torch.TorchScriptProgram.Constant;
import io.atrous.inference.torch.TorchScriptVariant.Kernels;
import io.atrous.model.Normalization;
import io.atrous.model.ProgramSpec.ChannelOrder;
import io.atrous.model.ProgramSpec.TensorLayout;
import io.atrous.network.ConvUnit;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.AddRelu;
import io.atrous.network.NetworkGraph.Concat;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.GlobalAveragePool;
import io.atrous.network.NetworkGraph.MaxPool;
import io.atrous.network.NetworkGraph.Resize;
import io.atrous.network.NetworkGraph.Step;
import io.atrous.network.NetworkGraph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
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
 * <p>With {@link TorchScriptVariant.Kernels#CUDNN} each convolution has the kernel that was chosen
 * for it, and there is a second body that computes the same among NaN: memory that nothing reads
 * again is filled with it before it is given back. A kernel that reads memory which it should only
 * write gives itself away there.
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
  private final ConvolutionKernels chosen;

  /** Residual additions that take a convolution into their kernel, and that convolution. */
  private final Map<Integer, Integer> fused = new HashMap<>();

  /** The place of the last step, as executed, that reads a value; by the value's index. */
  private final int[] lastRead;

  private final List<ConvUnit> convolutions = new ArrayList<>();

  /** Those with oneDNN's kernel. */
  private final Set<ConvUnit> oneDnn = new HashSet<>();

  private final TorchScriptText code = new TorchScriptText();

  private TorchScriptEmitter(
      NetworkGraph graph,
      Value body,
      boolean alignCorners,
      Kernels kernels,
      ConvolutionKernels chosen) {
    this.steps = graph.steps();
    this.body = body;
    this.alignCorners = alignCorners;
    this.kernels = kernels;
    this.chosen = kernels == Kernels.CUDNN ? chosen : ConvolutionKernels.PLAIN;
    this.lastRead = new int[steps.size()];
    if (kernels == Kernels.ONEDNN) {
      fused.putAll(graph.fusibleAdditions(body, true));
      fused.values().removeIf(place -> !isForOneDnn(place));
    } else if (kernels == Kernels.CUDNN) {
      fused.putAll(graph.fusibleAdditions(body, false));
      fused.values().removeIf(place -> !chosenFor(place).fused());
    }
  }

  /**
   * Emits a network.
   *
   * @param graph the network
   * @param coarseLogits its logits before the last upsampling
   * @param alignCorners whether that upsampling aligns corners
   * @param normalization what {@code segment} does to the pixels first
   * @param chosen the convolutions' own kernels, for {@link TorchScriptVariant.Kernels#CUDNN}
   */
  static TorchScriptProgram emit(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Normalization normalization,
      Kernels kernels,
      ConvolutionKernels chosen) {
    TorchScriptEmitter emitter =
        new TorchScriptEmitter(graph, coarseLogits, alignCorners, kernels, chosen);
    emitter.findLastReads();
    return emitter.program(normalization);
  }

  private ConvolutionKernel chosenFor(int place) {
    return steps.get(place) instanceof Convolution convolution
        ? chosen.of(convolution.unit())
        : ConvolutionKernel.PLAIN;
  }

  /**
   * Whether a convolution gets oneDNN's kernel. One of a single pixel, which takes no time, is left
   * to PyTorch: on one thread of a Zen 4, in processes that had run other networks before, oneDNN
   * 3.3.6's fused kernel ({@code brgconv_1x1}) gave it something else, and nothing told them from
   * processes in which it did not.
   */
  private boolean isForOneDnn(int place) {
    return kernels == Kernels.ONEDNN
        && steps.get(place) instanceof Convolution convolution
        && !isOnePixel(convolution.input());
  }

  /** Inputs of a step: a fused convolution is executed where its addition stands. */
  private List<Value> reads(int place) {
    Integer convolution = fused.get(place);
    List<Value> reads = new ArrayList<>(steps.get(place).operands());
    if (convolution != null) {
      reads.remove(new Value(convolution));
      reads.addAll(steps.get(convolution).operands());
    }
    return reads;
  }

  private void findLastReads() {
    for (int i = 0; i <= body.index(); i++) {
      for (Value operand : reads(i)) {
        lastRead[operand.index()] = Math.max(lastRead[operand.index()], i);
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
        if (isForOneDnn(i)) {
          oneDnn.add(convolution.unit());
        }
      }
    }
    List<Constant> constants = PixelCode.constants(normalization);
    code.beginClass(weightsAndBiases(), constants);
    emitPrepare();
    emitBody();
    if (kernels == Kernels.CUDNN) {
      emitNanPoisonedBody();
    }
    emitLogits("forward");
    emitLogits("logits");
    PixelCode.pixels(code, TensorLayout.NCHW, ChannelOrder.RGB);
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
    for (ConvUnit unit : convolutions) {
      String weight = weight(unit);
      if (oneDnn.contains(unit)) {
        line(
            "    %s = ops.mkldnn._reorder_convolution_weight(%s, %s, %s, %s, 1, None)"
                .formatted(
                    weight,
                    weight,
                    pair(unit.padding()),
                    pair(unit.stride()),
                    pair(unit.dilation())));
      } else if (chosen.of(unit).contiguous()) {
        line("    " + weight + " = " + contiguous(weight));
      }
    }
    line("    return self.scale");
  }

  private void emitBody() {
    method("body", ", v0: Tensor");
    emitSteps(place -> {});
    line("    return " + name(body));
  }

  /** The body among NaN. What it counts makes libtorch keep writes that nothing else reads. */
  private void emitNanPoisonedBody() {
    method("nan_poisoned_body", ", v0: Tensor");
    line("    nan_poisoned = 0");
    emitSteps(this::poisonWithNan);
    line("    return torch.add(%s, torch.mul(nan_poisoned, 0))".formatted(name(body)));
  }

  private void emitSteps(IntConsumer afterEach) {
    for (int i = 1; i <= body.index(); i++) {
      if (!fused.containsValue(i)) {
        line("    " + name(new Value(i)) + " = " + expression(steps.get(i), i));
        afterEach.accept(i);
      }
    }
  }

  /** Fills what a convolution was the last to read; other steps' results may lie in there. */
  private void poisonWithNan(int place) {
    if (steps.get(place) instanceof Convolution || fused.containsKey(place)) {
      for (Value operand : reads(place)) {
        if (overwritable(operand, place)) {
          line(
              "    nan_poisoned = torch.add(nan_poisoned, torch.dim(torch.fill_(%s, nan)))"
                  .formatted(name(operand)));
        }
      }
    }
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
    if (oneDnn.contains(unit)) {
      return "ops.mkldnn._convolution_pointwise(%s, %s, \"%s\", %s)"
          .formatted(
              name(input), oneDnnArguments(unit), unit.relu() ? "relu" : "none", NO_PARAMETERS);
    }
    return chosen.of(unit).call(unit, name(input), weight(unit), bias(unit));
  }

  private String sum(AddRelu sum, int place) {
    Integer inner = fused.get(place);
    if (inner != null && steps.get(inner) instanceof Convolution convolution) {
      Value residual = sum.besides(new Value(inner));
      if (kernels == Kernels.CUDNN) {
        ConvUnit unit = convolution.unit();
        return chosen
            .of(unit)
            .callWithResidual(
                unit, name(convolution.input()), weight(unit), bias(unit), name(residual));
      }
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
    return "%s, %s, %s, %s, %s, 1"
        .formatted(
            weight(unit),
            bias(unit),
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
    line("    y = (self).body(" + channelsLast(asWeights("x")) + ", )");
    String size = "[torch.size(x, 2), torch.size(x, 3)]";
    line("    return torch.contiguous(" + upsample(fp32("y"), size, alignCorners) + ")");
  }

  /** From pixels to masks. */
  private void emitSegment() {
    method("coarse_logits", ", images: Tensor");
    line("    x = " + channelsLast(asWeights("(self).pixels(images, )")));
    line("    return (self).body(x, )");
    String y = "(self).coarse_logits(images, )";
    method("segment", ", images: Tensor, labels: Tensor");
    line("    return (self).choose(" + y + ", labels, )");
    method("segment_with_confidence", ", images: Tensor, labels: Tensor, confidence: Tensor");
    line("    return (self).choose_with_confidence(" + y + ", labels, confidence, )");
    method("class_probabilities", ", images: Tensor");
    line("    return (self).probabilities(" + y + ", images, )");
    if (kernels == Kernels.CUDNN) {
      method("nan_poisoned_error", ", images: Tensor");
      line("    x = " + channelsLast(asWeights("(self).pixels(images, )")));
      line("    y = (self).body(x, )");
      line("    return " + relativeError("(self).nan_poisoned_body(x, )", "y"));
    }
  }

  private void method(String name, String parameters) {
    code.method(name, parameters);
  }

  private void line(String text) {
    code.line(text);
  }

  private String weight(ConvUnit unit) {
    return "self." + weightAttribute(convolutions.indexOf(unit));
  }

  private String bias(ConvUnit unit) {
    return "self." + biasAttribute(convolutions.indexOf(unit));
  }

  private static String name(Value value) {
    return "v" + value.index();
  }
}
