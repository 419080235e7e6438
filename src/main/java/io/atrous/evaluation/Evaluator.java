package io.atrous.evaluation;

import io.atrous.frame.FrameGeometry;
import io.atrous.frame.RgbImage;
import io.atrous.inference.FrameFit;
import io.atrous.inference.SegmentationEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Measures a model as it serves: the frame is brought to the input size, the compiled network says
 * what it sees, and the mask is compared at the frame's own resolution after nearest up-sampling.
 *
 * <p><b>Threading:</b> confined to the engine's thread. The engine stays its maker's.
 */
public final class Evaluator {

  private final SegmentationEngine engine;
  private final FrameFit fit;
  private final ConfusionMatrix matrix;

  public Evaluator(SegmentationEngine engine, ModelSpec spec) {
    this.engine = engine;
    this.fit = new FrameFit(spec, engine.profile());
    this.matrix = new ConfusionMatrix(spec.classes().size());
  }

  /** Counts a frame whose truth is known. */
  public void add(RgbImage frame, Mask truth) {
    matrix.add(truth, segment(frame));
  }

  /** Returns the model's mask of a frame, at the frame's resolution. */
  public Mask segment(RgbImage frame) {
    ByteBuffer slot = ByteBuffer.allocateDirect(fit.slotBytes());
    FrameGeometry geometry = fit.fill(frame, slot);
    byte[] labels = engine.segment(List.of(slot)).get(0).labels();
    return FrameFit.content(labels, geometry).scaledTo(frame.width(), frame.height());
  }

  /** Everything counted so far. */
  public ConfusionMatrix matrix() {
    return matrix;
  }
}
