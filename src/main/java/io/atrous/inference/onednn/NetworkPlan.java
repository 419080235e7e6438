package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC_1;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_a;
import static org.bytedeco.dnnl.global.dnnl.dnnl_abc;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_query_md;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_weights_md;

import io.atrous.inference.onednn.PrimitivePlan.Argument;
import io.atrous.inference.onednn.Primitives.Then;
import io.atrous.network.ConvUnit;
import io.atrous.network.NetworkGraph.AddRelu;
import io.atrous.network.NetworkGraph.Concat;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.GlobalAveragePool;
import io.atrous.network.NetworkGraph.Input;
import io.atrous.network.NetworkGraph.MaxPool;
import io.atrous.network.NetworkGraph.Resize;
import io.atrous.network.NetworkGraph.Step;
import io.atrous.network.NetworkGraph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.jspecify.annotations.Nullable;

/**
 * Plans a network for one size of batch: from normalized images to the logits before the last
 * upsampling, which are fp32 whatever the others are. All features are channels last.
 *
 * <p>A convolution takes the ReLU after it and the residual addition after it into its kernel. The
 * sum overwrites the residual where nothing else needs it; else it is copied first.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class NetworkPlan {

  private static final int CHANNELS = 3;

  private final NetworkSource source;
  private final List<Step> steps;
  private final Primitives primitives;
  private final PackedWeights weights;
  private final Constants constants;
  private final int type;
  private final PrimitivePlan plan;

  /** Residual additions that take a convolution into their kernel, and that convolution. */
  private final Map<Integer, Integer> fused;

  /** The place of the last step, as executed, that reads a value; by the value's index. */
  private final int[] lastRead;

  private final List<@Nullable Tensor> values = new ArrayList<>();

  /**
   * Plans.
   *
   * @param type one of oneDNN's types of numbers, which the features are
   */
  NetworkPlan(
      NetworkSource source,
      Primitives primitives,
      PackedWeights weights,
      Constants constants,
      int type,
      int batchSize,
      int height,
      int width) {
    this.source = source;
    this.steps = source.graph().steps();
    this.primitives = primitives;
    this.weights = weights;
    this.constants = constants;
    this.type = type;
    this.plan = new PrimitivePlan(primitives);
    this.fused = source.graph().fusibleAdditions(source.coarseLogits(), true);
    this.lastRead = lastReads();
    Tensor image = features(type, batchSize, CHANNELS, height, width);
    plan.use(image.buffer());
    int last = source.coarseLogits().index();
    for (int i = 0; i <= last; i++) {
      values.add(fused.containsValue(i) ? null : step(i, image));
    }
    plan.use(logits().buffer());
  }

  private int[] lastReads() {
    int[] last = new int[steps.size()];
    for (int i = 0; i <= source.coarseLogits().index(); i++) {
      if (!fused.containsValue(i)) {
        for (Value operand : reads(i)) {
          last[operand.index()] = i;
        }
      }
    }
    return last;
  }

  /** Inputs of a step: a fused convolution is executed where its addition stands. */
  private List<Value> reads(int place) {
    List<Value> reads = new ArrayList<>(steps.get(place).operands());
    Integer convolution = fused.get(place);
    if (convolution != null) {
      reads.remove(new Value(convolution));
      reads.addAll(steps.get(convolution).operands());
    }
    return reads;
  }

  /** The normalized images: to be written before a run. */
  Tensor images() {
    return value(source.graph().input());
  }

  /** The logits before the last upsampling. */
  Tensor logits() {
    return value(source.coarseLogits());
  }

  PrimitivePlan primitives() {
    return plan;
  }

  private Tensor value(Value value) {
    Tensor tensor = values.get(value.index());
    if (tensor == null) {
      throw new IllegalStateException("value " + value.index() + " is part of an addition");
    }
    return tensor;
  }

  private Tensor features(int numbers, long... shape) {
    dnnl_memory_desc layout = primitives.channelsLast(numbers, shape);
    return new Tensor(layout, new Buffer(dnnl_memory_desc_get_size(layout)), numbers, shape);
  }

  private Tensor step(int place, Tensor image) {
    Step step = steps.get(place);
    if (step instanceof Input) {
      return image;
    } else if (step instanceof Convolution convolution) {
      return convolution(place, convolution);
    } else if (step instanceof AddRelu sum) {
      return sum(place, sum);
    } else if (step instanceof MaxPool pool) {
      return maximum(value(pool.input()));
    } else if (step instanceof GlobalAveragePool pool) {
      return average(value(pool.input()));
    } else if (step instanceof Resize resize) {
      Tensor like = value(resize.like());
      return resized(value(resize.input()), like.height(), like.width(), resize.alignCorners());
    } else if (step instanceof Concat concat) {
      return joined(concat.inputs().stream().map(this::value).toList());
    }
    throw new IllegalStateException("there is no kernel for " + step);
  }

  private Tensor convolution(int place, Convolution convolution) {
    ConvUnit unit = convolution.unit();
    Tensor input = value(convolution.input());
    boolean last = place == source.coarseLogits().index();
    Tensor result =
        features(
            last ? dnnl_f32 : type,
            input.images(),
            unit.outChannels(),
            convolved(unit, input.height()),
            convolved(unit, input.width()));
    convolve(unit, input, result, unit.relu() ? Then.RELU : Then.NOTHING);
    return result;
  }

  private static long convolved(ConvUnit unit, int size) {
    long reach = unit.dilation() * (unit.kernel() - 1L);
    return (size + 2L * unit.padding() - reach - 1) / unit.stride() + 1;
  }

  private void convolve(ConvUnit unit, Tensor input, Tensor result, Then then) {
    dnnl_memory_desc bias = primitives.layout(dnnl_f32, dnnl_a, unit.outChannels());
    dnnl_primitive_desc description =
        primitives.convolution(
            unit,
            input.layout(),
            primitives.layout(
                type,
                dnnl_format_tag_any,
                unit.outChannels(),
                unit.inChannels(),
                unit.kernel(),
                unit.kernel()),
            bias,
            result.layout(),
            then);
    PackedWeights.Packed packed =
        weights.of(unit, dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0));
    plan.add(
        unit.name(),
        description,
        Argument.of(DNNL_ARG_SRC, input),
        Argument.constant(DNNL_ARG_WEIGHTS, packed.layout(), packed.weights()),
        Argument.constant(DNNL_ARG_BIAS, bias, packed.bias()),
        Argument.of(DNNL_ARG_DST, result));
  }

  private Tensor sum(int place, AddRelu sum) {
    Integer fusedPlace = fused.get(place);
    if (fusedPlace != null && steps.get(fusedPlace) instanceof Convolution convolution) {
      Value residual = sum.besides(new Value(fusedPlace));
      boolean free = lastRead[residual.index()] == place && !convolution.input().equals(residual);
      Tensor result = free ? value(residual) : copied(value(residual));
      convolve(convolution.unit(), value(convolution.input()), result, Then.ADD_RELU);
      return result;
    }
    Tensor left = value(sum.input());
    Tensor right = value(sum.residual());
    Tensor result = features(left.type(), left.shape());
    plan.add(
        "an addition",
        primitives.addition(left.layout(), right.layout(), result.layout(), Then.RELU),
        Argument.of(DNNL_ARG_SRC, left),
        Argument.of(DNNL_ARG_SRC_1, right),
        Argument.of(DNNL_ARG_DST, result));
    return result;
  }

  private Tensor copied(Tensor tensor) {
    Tensor copy = features(tensor.type(), tensor.shape());
    copy(tensor, copy);
    return copy;
  }

  private void copy(Tensor from, Tensor to) {
    plan.add(
        "a copy",
        primitives.copy(from.layout(), to.layout()),
        Argument.of(DNNL_ARG_SRC, from),
        Argument.of(DNNL_ARG_DST, to));
  }

  private Tensor maximum(Tensor input) {
    int rows = (input.height() - 1) / 2 + 1;
    int columns = (input.width() - 1) / 2 + 1;
    long[] before = {1, 1};
    long[] after = {2L * rows - input.height(), 2L * columns - input.width()};
    return pooled(dnnl_pooling_max, input, rows, columns, new long[] {3, 3}, 2, before, after);
  }

  private Tensor average(Tensor input) {
    long[] whole = {input.height(), input.width()};
    long[] none = {0, 0};
    return pooled(dnnl_pooling_avg_exclude_padding, input, 1, 1, whole, 1, none, none);
  }

  private Tensor pooled(
      int algorithm,
      Tensor input,
      int rows,
      int columns,
      long[] kernel,
      long stride,
      long[] before,
      long[] after) {
    Tensor result = features(input.type(), input.images(), input.channels(), rows, columns);
    plan.add(
        "a pooling",
        primitives.pooling(
            algorithm, input.layout(), result.layout(), kernel, stride, before, after),
        Argument.of(DNNL_ARG_SRC, input),
        Argument.of(DNNL_ARG_DST, result));
    return result;
  }

  /** By two products with matrices, down and across: oneDNN's own resampling aligns no corners. */
  private Tensor resized(Tensor input, int height, int width, boolean alignCorners) {
    long images = input.images();
    long channels = input.channels();
    Tensor tall = features(input.type(), images, channels, height, input.width());
    Tensor result = features(input.type(), images, channels, height, width);
    interpolate(
        Interpolation.of(input.height(), height, alignCorners),
        input,
        tall,
        images,
        input.width() * channels);
    interpolate(
        Interpolation.of(input.width(), width, alignCorners),
        tall,
        result,
        images * height,
        channels);
    return result;
  }

  private void interpolate(
      Interpolation interpolation, Tensor input, Tensor result, long repeated, long columns) {
    dnnl_memory_desc matrix =
        primitives.layout(input.type(), dnnl_abc, 1, interpolation.to(), interpolation.from());
    dnnl_memory_desc read =
        primitives.layout(input.type(), dnnl_abc, repeated, interpolation.from(), columns);
    dnnl_memory_desc written =
        primitives.layout(input.type(), dnnl_abc, repeated, interpolation.to(), columns);
    plan.add(
        "an interpolation",
        primitives.product(matrix, read, written),
        Argument.constant(
            DNNL_ARG_SRC,
            matrix,
            constants.matrix(
                interpolation.matrix(), interpolation.to(), interpolation.from(), matrix)),
        new Argument(DNNL_ARG_WEIGHTS, read, input.buffer(), 0),
        new Argument(DNNL_ARG_DST, written, result.buffer(), 0));
  }

  private Tensor joined(List<Tensor> parts) {
    Tensor first = parts.get(0);
    long channels = parts.stream().mapToLong(Tensor::channels).sum();
    Tensor whole = features(first.type(), first.images(), channels, first.height(), first.width());
    long channel = 0;
    for (Tensor part : parts) {
      dnnl_memory_desc place = primitives.channelsOf(whole.layout(), channel, part.shape());
      copy(part, new Tensor(place, whole.buffer(), whole.type(), part.shape()));
      channel += part.channels();
    }
    return whole;
  }
}
