package io.atrous.inference.onednn;

import io.atrous.model.Normalization;
import io.atrous.model.Quantization;
import io.atrous.network.ConvUnit;
import io.atrous.network.DeepLabV3Plus;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Convolution;
import io.atrous.network.NetworkGraph.GlobalAveragePool;
import io.atrous.network.NetworkGraph.Input;
import io.atrous.network.NetworkGraph.Step;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Weights;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network to be run: its steps and its numbers.
 *
 * <p><b>Threading:</b> not modified.
 *
 * @param graph the steps
 * @param coarseLogits the logits before the last upsampling
 * @param alignCorners whether that upsampling aligns corners
 * @param normalization what is done to pixels first
 * @param convolutions the numbers of each convolution, batch norm folded in
 * @param quantization the scales of what is computed in eight bits; null if nothing is
 */
record NetworkSource(
    NetworkGraph graph,
    Value coarseLogits,
    boolean alignCorners,
    Normalization normalization,
    Function<ConvUnit, FoldedConvolution> convolutions,
    @Nullable Quantization quantization) {

  static NetworkSource of(
      Weights weights, Normalization normalization, @Nullable Quantization quantization) {
    NetworkGraph graph = new NetworkGraph();
    return new NetworkSource(
        graph,
        new DeepLabV3Plus(weights.network()).coarseLogits(graph, graph.input()),
        weights.network().alignCorners(),
        normalization,
        weights::folded,
        quantization);
  }

  /**
   * The convolutions that gain by computing in eight bits: not those that read the image or a mean
   * over it, nor the last, whose logits are to be exact.
   */
  List<ConvUnit> convolutionsBetween() {
    return graph.steps().stream()
        .filter(Convolution.class::isInstance)
        .map(Convolution.class::cast)
        .filter(convolution -> gains(graph.steps().get(convolution.input().index())))
        .map(Convolution::unit)
        .filter(unit -> unit.norm() != null)
        .toList();
  }

  private static boolean gains(Step input) {
    return !(input instanceof Input || input instanceof GlobalAveragePool);
  }

  /** Returns the same network with another calibration. */
  NetworkSource with(@Nullable Quantization other) {
    return new NetworkSource(graph, coarseLogits, alignCorners, normalization, convolutions, other);
  }
}
