package io.atrous.inference.onednn;

import io.atrous.inference.EngineFailedException;
import io.atrous.inference.NetworkRuntime;
import io.atrous.model.Normalization;
import io.atrous.network.ConvUnit;
import io.atrous.network.FoldedConvolution;
import io.atrous.network.NetworkGraph;
import io.atrous.network.NetworkGraph.Value;
import io.atrous.network.Precision;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Assumptions;

/** Networks as oneDNN primitives, made anew for each size of images. */
public record OneDnnRuntime(Precision precision) implements NetworkRuntime {

  private static final int THREADS = 2;

  @Override
  public ReadyNetwork ready(
      NetworkGraph graph,
      Value coarseLogits,
      boolean alignCorners,
      Function<ConvUnit, FoldedConvolution> convolutions) {
    NetworkSource source =
        new NetworkSource(
            graph, coarseLogits, alignCorners, Normalization.IMAGENET, convolutions, null);
    return new ReadyNetwork() {
      @Override
      public float[] logits(float[] images, int count, int height, int width) {
        List<Integer> sizes = count == 1 ? List.of(1) : List.of(1, count);
        try (OneDnnNetwork network = onThisMachine(source, sizes, height, width)) {
          return network.batchWithin(count).logits(images);
        }
      }

      @Override
      public void close() {}
    };
  }

  private OneDnnNetwork onThisMachine(
      NetworkSource source, List<Integer> sizes, int height, int width) {
    try {
      return new OneDnnNetwork(source, precision, sizes, height, width, THREADS);
    } catch (EngineFailedException e) {
      // Fewer bits need instructions for them, and all needs a system that the library is made for.
      if (precision != Precision.FP32 || !OneDnn.isHere()) {
        return Assumptions.abort("not run: " + e.getMessage());
      }
      throw e;
    }
  }

  @Override
  public String toString() {
    return "oneDNN " + precision.label();
  }
}
