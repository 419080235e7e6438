package io.atrous.training;

import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.RgbImage;
import io.atrous.inference.SegmentationEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import java.util.List;

/**
 * Measures a model as it serves: the frame is brought to the input size, the compiled network says
 * what it sees, and the mask is compared at the frame's own resolution after nearest up-sampling.
 *
 * <p><b>Threading:</b> confined to the engine's thread. The engine stays its maker's.
 */
public final class Evaluator {

  private final SegmentationEngine engine;
  private final ModelSpec spec;
  private final FrameResizer resizer;
  private final ConfusionMatrix matrix;

  public Evaluator(SegmentationEngine engine, ModelSpec spec) {
    this.engine = engine;
    this.spec = spec;
    this.resizer = new FrameResizer(spec.normalization().meanRgb());
    this.matrix = new ConfusionMatrix(spec.classes().size());
  }

  /** Counts a frame whose truth is known. */
  public void add(RgbImage frame, Mask truth) {
    matrix.add(truth, segment(frame));
  }

  /** What the model sees in a frame, at the frame's resolution. */
  public Mask segment(RgbImage frame) {
    int inputHeight = engine.profile().inputHeight();
    int inputWidth = engine.profile().inputWidth();
    FrameGeometry geometry =
        new FrameGeometry(
            frame.width(), frame.height(), inputWidth, inputHeight, spec.resizePolicy());
    RgbImage slot = RgbImage.allocate(inputWidth, inputHeight);
    resizer.resize(frame, geometry, slot.pixels());
    byte[] labels = engine.segment(List.of(slot.pixels())).get(0).labels();
    return new Mask(inputWidth, inputHeight, labels)
        .topLeft(geometry.contentWidth(), geometry.contentHeight())
        .scaledTo(frame.width(), frame.height());
  }

  /** Everything counted so far. */
  public ConfusionMatrix matrix() {
    return matrix;
  }
}
