package io.atrous.inference.onednn;

import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.DeepLabV3Plus;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Weights;
import java.util.function.Function;

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
 */
record NetworkSource(
    NetworkGraph graph,
    Value coarseLogits,
    boolean alignCorners,
    Normalization normalization,
    Function<ConvUnit, FoldedConvolution> convolutions) {

  static NetworkSource of(Weights weights, Normalization normalization) {
    NetworkGraph graph = new NetworkGraph();
    return new NetworkSource(
        graph,
        new DeepLabV3Plus(weights.network()).coarseLogits(graph, graph.input()),
        weights.network().alignCorners(),
        normalization,
        weights::folded);
  }
}
