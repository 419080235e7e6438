package io.atrous.inference.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_s8;
import static org.bytedeco.dnnl.global.dnnl.dnnl_u8;

import io.atrous.model.ModelFileException;
import io.atrous.model.Quantization;
import io.atrous.network.ConvUnit;
import io.atrous.network.NetworkGraph.AddRelu;
import io.atrous.network.NetworkGraph.Concat;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.GlobalAveragePool;
import io.atrous.network.NetworkGraph.MaxPool;
import io.atrous.network.NetworkGraph.Resize;
import io.atrous.network.NetworkGraph.Step;
import io.atrous.network.NetworkGraph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What of a network is in eight bits: the convolutions that a calibration names, and each value
 * that one of them reads, adds or joins in eight bits. A value that only others read is never
 * rounded to eight bits.
 *
 * <p><b>Threading:</b> immutable.
 */
final class EightBits {

  private final NetworkSource source;
  private final Map<Integer, Integer> fused;
  private final boolean[] stored;

  /**
   * Finds out.
   *
   * @param fused the residual additions that take a convolution into their kernel, and that
   *     convolution
   * @throws ModelFileException if the calibration is not of this network
   */
  EightBits(NetworkSource source, Map<Integer, Integer> fused) {
    this.source = source;
    this.fused = fused;
    this.stored = new boolean[source.coarseLogits().index() + 1];
    for (int place = stored.length - 1; place >= 0; place--) {
      if (!fused.containsValue(place)) {
        readInEightBits(place).forEach(value -> stored[value.index()] = true);
      }
    }
    if (source.quantization() != null) {
      requireBelonging(source.quantization());
    }
  }

  private void requireBelonging(Quantization quantization) {
    List<String> known = new ArrayList<>();
    for (Step step : source.graph().steps()) {
      if (step instanceof Convolution convolution) {
        List<Float> scales = quantization.weights().get(convolution.unit().name());
        known.add(convolution.unit().name());
        if (scales != null && scales.size() != convolution.unit().outChannels()) {
          throw foreign(
              "%d scales for the %d channels of %s"
                  .formatted(
                      scales.size(), convolution.unit().outChannels(), convolution.unit().name()));
        }
      }
    }
    for (String name : quantization.weights().keySet()) {
      if (!known.contains(name)) {
        throw foreign("there is no convolution " + name);
      }
    }
  }

  private static ModelFileException foreign(String why) {
    return new ModelFileException("The calibration does not belong to its network: " + why);
  }

  /** The values that a step, executed at a place, reads in eight bits. */
  private List<Value> readInEightBits(int place) {
    Step step = source.graph().steps().get(place);
    Integer fusedPlace = fused.get(place);
    List<Value> read = new ArrayList<>();
    if (step instanceof Convolution convolution && computes(convolution.unit())) {
      read.add(convolution.input());
    } else if (step instanceof AddRelu sum
        && fusedPlace != null
        && source.graph().steps().get(fusedPlace) instanceof Convolution convolution
        && computes(convolution.unit())) {
      read.add(convolution.input());
      if (stores(place)) {
        read.add(sum.besides(new Value(fusedPlace)));
      }
    } else if (step instanceof Concat concat && stores(place)) {
      read.addAll(concat.inputs());
    }
    return read;
  }

  /** Returns whether a convolution multiplies numbers of eight bits. */
  boolean computes(ConvUnit unit) {
    return source.quantization() != null
        && source.quantization().weights().containsKey(unit.name());
  }

  /** Returns whether a value is stored in eight bits by whatever can write it so. */
  boolean stores(int place) {
    return stored[place];
  }

  /** Returns oneDNN's type of a value in eight bits. */
  int type(int place) {
    return isPositive(place) ? dnnl_u8 : dnnl_s8;
  }

  /** Returns whether a value's numbers are never negative. */
  boolean isPositive(int place) {
    return isPositive(source.graph().steps().get(place));
  }

  private boolean isPositive(Step step) {
    if (step instanceof Convolution convolution) {
      return convolution.unit().relu();
    } else if (step instanceof Resize resize) {
      return isPositive(source.graph().steps().get(resize.input().index()));
    } else if (step instanceof MaxPool
        || step instanceof GlobalAveragePool
        || step instanceof Concat) {
      return step.operands().stream()
          .allMatch(operand -> isPositive(source.graph().steps().get(operand.index())));
    }
    return step instanceof AddRelu;
  }

  /**
   * Returns the scale of a value in eight bits.
   *
   * @throws ModelFileException if the calibration lacks it
   */
  float scale(int place) {
    String name = source.graph().name(new Value(place));
    Float scale =
        source.quantization() == null ? null : source.quantization().activations().get(name);
    if (scale == null) {
      throw foreign("there is no scale of " + name);
    }
    return scale;
  }

  /**
   * Returns the scales of the weights of a convolution, one for each output channel; null if it
   * computes in more bits.
   */
  float @Nullable [] weightScales(ConvUnit unit) {
    if (source.quantization() == null || !computes(unit)) {
      return null;
    }
    List<Float> scales = source.quantization().weights().getOrDefault(unit.name(), List.of());
    float[] numbers = new float[scales.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = scales.get(i);
    }
    return numbers;
  }
}
