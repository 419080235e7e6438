package io.atrous.bench;

import io.atrous.network.Precision;
import org.jspecify.annotations.Nullable;

/**
 * One of the things that are run in turn.
 *
 * @param variant the compiled variant of the network, or the dense convolution
 * @param extent the part of the network that is run
 * @param precision the precision of the convolutions
 * @param images per run
 * @param gigaflops billions of floating-point operations per run, in convolutions
 * @param relativeError the relative error of the logits; null if there are none
 */
record NetworkPart(
    String variant,
    Extent extent,
    Precision precision,
    int images,
    double gigaflops,
    @Nullable Double relativeError) {

  enum Extent {
    /** A dense convolution: how fast one kernel is here when nothing stands between its calls. */
    CONVOLUTION("convolution"),
    /** The network from a normalized image to logits at its size. */
    LOGITS("logits"),
    /** The network from pixels to the logits before the last upsampling. */
    BODY("body"),
    /** The network from pixels to labels. */
    LABELS("labels"),
    /** The network from pixels to labels and confidence. */
    CONFIDENCE("labels and confidence");

    private final String label;

    Extent(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  String name() {
    return variant + ", " + extent.label();
  }
}
