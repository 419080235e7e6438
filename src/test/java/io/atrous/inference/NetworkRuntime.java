package io.atrous.inference;

import io.atrous.network.BatchNormFolding;
import io.atrous.network.ConvUnit;
import io.atrous.network.DeepLabV3Plus;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import io.atrous.network.Weights;
import java.io.IOException;
import java.util.function.Function;

/**
 * A way to run a network on this CPU, so that all ways can be compared with the network that they
 * run. Its {@code toString} is the name of a test.
 */
public interface NetworkRuntime {

  /** What its features are. */
  Precision precision();

  /**
   * Makes a network ready; skips the test, and says so, if this processor does not run it.
   *
   * @param coarseLogits the logits before the last upsampling
   */
  ReadyNetwork ready(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Function<ConvUnit, FoldedConvolution> convolutions)
      throws IOException;

  /** The same for all of a network. */
  default ReadyNetwork ready(Weights weights) throws IOException {
    NetworkGraph graph = new NetworkGraph();
    return ready(
        graph,
        new DeepLabV3Plus(weights.network()).coarseLogits(graph, graph.input()),
        weights.network().alignCorners(),
        unit -> BatchNormFolding.fold(unit, weights::tensor));
  }

  /** A network that is ready to run. */
  interface ReadyNetwork extends AutoCloseable {

    /**
     * Computes logits.
     *
     * @param images float [count, 3, height, width], normalised
     * @return float [count, classes, height, width]
     */
    float[] logits(float[] images, int count, int height, int width);

    @Override
    void close();
  }
}
