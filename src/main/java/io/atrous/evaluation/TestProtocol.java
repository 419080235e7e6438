package io.atrous.evaluation;

import io.atrous.inference.ProbabilisticEngine;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ModelSpec;
import java.util.List;

/**
 * The way in which frames are shown to a model.
 *
 * <p><b>Threading:</b> immutable.
 */
public sealed interface TestProtocol {

  /** Returns what reports call it. */
  String description();

  /** Creates what shows frames to a model in this way. */
  FrameObserver observer(SegmentationEngine engine, ModelSpec model);

  /** The whole frame, once, as the service does. */
  record Whole() implements TestProtocol {
    @Override
    public String description() {
      return "whole image, as the service does";
    }

    @Override
    public FrameObserver observer(SegmentationEngine engine, ModelSpec model) {
      return new WholeFrame(engine, model);
    }
  }

  /** The largest part in the middle of the frame that has the aspect ratio of the input. */
  record CentreCrop() implements TestProtocol {
    @Override
    public String description() {
      return "centre crop of the input's aspect ratio; the rest is not judged";
    }

    @Override
    public FrameObserver observer(SegmentationEngine engine, ModelSpec model) {
      return new CroppedFrame(engine, model);
    }
  }

  /**
   * The whole frame at several sizes, each also mirrored; the probabilities are averaged.
   *
   * @param scales the sizes as multiples of the model's input
   */
  record MultiScale(List<Double> scales) implements TestProtocol {

    /** The scales of the DeepLab papers (Chen et al., 2018). */
    public static final List<Double> USUAL = List.of(0.5, 0.75, 1.0, 1.25, 1.5, 1.75);

    private static final double LEAST = 0.1;
    private static final double MOST = 8;

    public MultiScale {
      scales = List.copyOf(scales);
      if (scales.isEmpty() || scales.stream().anyMatch(s -> !(s >= LEAST && s <= MOST))) {
        throw new IllegalArgumentException(
            "scales are from %s to %s, not %s".formatted(LEAST, MOST, scales));
      }
    }

    @Override
    public String description() {
      return "whole image at scales " + scales + " and mirrored, probabilities averaged";
    }

    @Override
    public FrameObserver observer(SegmentationEngine engine, ModelSpec model) {
      if (!(engine instanceof ProbabilisticEngine probabilistic)) {
        throw new IllegalArgumentException(
            "this runtime tells no probabilities, which multi-scale averages");
      }
      return new AveragedFrame(probabilistic, model, scales);
    }
  }
}
