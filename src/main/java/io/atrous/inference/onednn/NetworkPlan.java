package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_SCALES;
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
import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;

import io.atrous.inference.onednn.PrimitivePlan.Argument;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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
 * <p>What a calibration puts in {@link EightBits} is computed and stored so, with a scale for each
 * tensor: a convolution writes it rounded, and a step that needs another form of a value than there
 * is has it copied into that, once. All else is of one wide type.
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

  private final EightBits eightBits;
  private final boolean keepAll;
  private final List<@Nullable Tensor> values = new ArrayList<>();

  /** Values in the other form than they were written in, wide or in eight bits. */
  private final Map<Integer, Tensor> converted = new HashMap<>();

  /**
   * Plans.
   *
   * @param type one of oneDNN's types of numbers: of the features that are not in eight bits
   * @param keepAll whether all values are there after a run, which takes much memory
   */
  NetworkPlan(
      NetworkSource source,
      Primitives primitives,
      PackedWeights weights,
      Constants constants,
      int type,
      boolean keepAll,
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
    this.eightBits = new EightBits(source, fused);
    this.keepAll = keepAll;
    Tensor image = features(batchSize, CHANNELS, height, width);
    plan.use(image.buffer());
    int last = source.coarseLogits().index();
    for (int i = 0; i <= last; i++) {
      values.add(fused.containsValue(i) ? null : step(i, image));
    }
    plan.use(logits().buffer());
    if (keepAll) {
      all().values().forEach(value -> plan.use(value.buffer()));
    }
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

  /** The values by their places, as far as they exist: a fused convolution's is part of a sum. */
  SortedMap<Integer, Tensor> all() {
    SortedMap<Integer, Tensor> all = new TreeMap<>();
    for (int place = 0; place < values.size(); place++) {
      Tensor tensor = values.get(place);
      if (tensor != null) {
        all.put(place, tensor);
      }
    }
    return all;
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

  /** A value as a step reads it: as it was written, or a copy in the other form. */
  private Tensor value(Value value, boolean inEightBits) {
    Tensor written = value(value);
    if (written.isEightBits() == inEightBits) {
      return written;
    }
    Tensor known = converted.get(value.index());
    if (known == null) {
      known = inEightBits ? quantized(value.index(), written.shape()) : features(written.shape());
      copy(written, known);
      converted.put(value.index(), known);
    }
    return known;
  }

  private Tensor features(long... shape) {
    return tensor(type, 1, shape);
  }

  private Tensor quantized(int place, long... shape) {
    return tensor(eightBits.type(place), eightBits.scale(place), shape);
  }

  private Tensor tensor(int numbers, float scale, long... shape) {
    dnnl_memory_desc layout = primitives.channelsLast(numbers, shape);
    return new Tensor(layout, new Buffer(dnnl_memory_desc_get_size(layout)), numbers, scale, shape);
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
      return maximum(value(pool.input(), false));
    } else if (step instanceof GlobalAveragePool pool) {
      return average(value(pool.input(), false));
    } else if (step instanceof Resize resize) {
      Tensor like = value(resize.like());
      return resized(
          value(resize.input(), false), like.height(), like.width(), resize.alignCorners());
    } else if (step instanceof Concat concat) {
      return joined(place, concat.inputs().stream().map(this::value).toList());
    }
    throw new IllegalStateException("there is no kernel for " + step);
  }

  private Tensor convolution(int place, Convolution convolution) {
    ConvUnit unit = convolution.unit();
    Tensor input = value(convolution.input(), eightBits.computes(unit));
    long[] shape = {
      input.images(),
      unit.outChannels(),
      convolved(unit, input.height()),
      convolved(unit, input.width())
    };
    Tensor result;
    if (place == source.coarseLogits().index()) {
      result = tensor(dnnl_f32, 1, shape);
    } else {
      result =
          input.isEightBits() && eightBits.stores(place)
              ? quantized(place, shape)
              : features(shape);
    }
    convolve(unit, input, result, null);
    return result;
  }

  private static long convolved(ConvUnit unit, int size) {
    long reach = unit.dilation() * (unit.kernel() - 1L);
    return (size + 2L * unit.padding() - reach - 1) / unit.stride() + 1;
  }

  /**
   * Adds a convolution to the plan.
   *
   * @param residual the value in the result's buffer, added before a ReLU; null for none
   */
  private void convolve(ConvUnit unit, Tensor input, Tensor result, @Nullable Tensor residual) {
    Attributes attributes = primitives.attributes();
    if (input.isEightBits()) {
      attributes.scaledSource().scaledWeights();
    }
    if (residual != null) {
      attributes.plus(residual);
    }
    if (residual != null || unit.relu()) {
      attributes.relu();
    }
    if (result.isEightBits()) {
      attributes.scaledResult();
    }
    dnnl_memory_desc perChannel = primitives.layout(dnnl_f32, dnnl_a, unit.outChannels());
    dnnl_primitive_desc description =
        primitives.convolution(
            unit,
            input.layout(),
            primitives.layout(
                input.isEightBits() ? dnnl_s8 : type,
                dnnl_format_tag_any,
                unit.outChannels(),
                unit.inChannels(),
                unit.kernel(),
                unit.kernel()),
            perChannel,
            result.layout(),
            attributes);
    float[] weightScales = eightBits.weightScales(unit);
    PackedWeights.Packed packed =
        weights.of(
            unit,
            dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0),
            weightScales);
    List<Argument> arguments = new ArrayList<>();
    arguments.add(Argument.of(DNNL_ARG_SRC, input));
    arguments.add(Argument.constant(DNNL_ARG_WEIGHTS, packed.layout(), packed.weights()));
    arguments.add(Argument.constant(DNNL_ARG_BIAS, perChannel, packed.bias()));
    arguments.add(Argument.of(DNNL_ARG_DST, result));
    if (weightScales != null) {
      arguments.add(
          Argument.constant(
              DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS,
              perChannel,
              constants.numbers(weightScales)));
    }
    addScale(arguments, DNNL_ARG_SRC, input);
    addScale(arguments, DNNL_ARG_DST, result);
    plan.add(unit.name(), description, arguments);
  }

  private void addScale(List<Argument> arguments, int of, Tensor tensor) {
    if (tensor.isEightBits()) {
      arguments.add(
          Argument.constant(
              DNNL_ARG_ATTR_SCALES | of,
              primitives.layout(dnnl_f32, dnnl_a, 1),
              constants.numbers(tensor.scale())));
    }
  }

  private Tensor sum(int place, AddRelu sum) {
    Integer fusedPlace = fused.get(place);
    if (fusedPlace != null && steps.get(fusedPlace) instanceof Convolution convolution) {
      boolean inEightBits = eightBits.computes(convolution.unit());
      Tensor input = value(convolution.input(), inEightBits);
      Value other = sum.besides(new Value(fusedPlace));
      Tensor residual = value(other, inEightBits && eightBits.stores(place));
      if (keepAll || lastRead[other.index()] != place || convolution.input().equals(other)) {
        residual = copied(residual);
      }
      Tensor result = residual.isEightBits() ? over(residual, place) : residual;
      convolve(convolution.unit(), input, result, residual);
      return result;
    }
    Tensor left = value(sum.input(), false);
    Tensor right = value(sum.residual(), false);
    Tensor result = features(left.shape());
    plan.add(
        "an addition",
        primitives.addition(
            left.layout(), right.layout(), result.layout(), primitives.attributes().relu()),
        List.of(
            Argument.of(DNNL_ARG_SRC, left),
            Argument.of(DNNL_ARG_SRC_1, right),
            Argument.of(DNNL_ARG_DST, result)));
    return result;
  }

  /** A value in eight bits where another one lies, which may have another scale and sign. */
  private Tensor over(Tensor other, int place) {
    int numbers = eightBits.type(place);
    return new Tensor(
        primitives.channelsLast(numbers, other.shape()),
        other.buffer(),
        numbers,
        eightBits.scale(place),
        other.shape());
  }

  private Tensor copied(Tensor tensor) {
    Tensor copy = tensor(tensor.type(), tensor.scale(), tensor.shape());
    copy(tensor, copy);
    return copy;
  }

  private void copy(Tensor from, Tensor to) {
    Attributes attributes = primitives.attributes();
    List<Argument> arguments = new ArrayList<>();
    arguments.add(Argument.of(DNNL_ARG_SRC, from));
    arguments.add(Argument.of(DNNL_ARG_DST, to));
    if (from.scale() != to.scale()) {
      if (from.isEightBits()) {
        attributes.scaledSource();
        addScale(arguments, DNNL_ARG_SRC, from);
      }
      if (to.isEightBits()) {
        attributes.scaledResult();
        addScale(arguments, DNNL_ARG_DST, to);
      }
    }
    plan.add("a copy", primitives.copy(from.layout(), to.layout(), attributes), arguments);
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
    Tensor result = features(input.images(), input.channels(), rows, columns);
    plan.add(
        "a pooling",
        primitives.pooling(
            algorithm, input.layout(), result.layout(), kernel, stride, before, after),
        List.of(Argument.of(DNNL_ARG_SRC, input), Argument.of(DNNL_ARG_DST, result)));
    return result;
  }

  /** By two products with matrices, down and across: oneDNN's own resampling aligns no corners. */
  private Tensor resized(Tensor input, int height, int width, boolean alignCorners) {
    long images = input.images();
    long channels = input.channels();
    Tensor tall = features(images, channels, height, input.width());
    Tensor result = features(images, channels, height, width);
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
        List.of(
            Argument.constant(
                DNNL_ARG_SRC,
                matrix,
                constants.matrix(
                    interpolation.matrix(), interpolation.to(), interpolation.from(), matrix)),
            new Argument(DNNL_ARG_WEIGHTS, read, input.buffer(), 0),
            new Argument(DNNL_ARG_DST, written, result.buffer(), 0)));
  }

  private Tensor joined(int place, List<Tensor> parts) {
    Tensor first = parts.get(0);
    long channels = parts.stream().mapToLong(Tensor::channels).sum();
    long[] shape = {first.images(), channels, first.height(), first.width()};
    Tensor whole = eightBits.stores(place) ? quantized(place, shape) : features(shape);
    long channel = 0;
    for (Tensor part : parts) {
      dnnl_memory_desc range = primitives.channelsOf(whole.layout(), channel, part.shape());
      copy(part, new Tensor(range, whole.buffer(), whole.type(), whole.scale(), part.shape()));
      channel += part.channels();
    }
    return whole;
  }
}
