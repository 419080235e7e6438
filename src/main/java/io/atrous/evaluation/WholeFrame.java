package io.atrous.evaluation;

import io.atrous.dataset.LabeledFrame;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineMask;
import io.atrous.inference.FrameFit;
import io.atrous.inference.SegmentationEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * Shows a model a frame as the service does: decoded as fine as the input needs it, brought to the
 * input size; the mask is compared at the frame's own resolution, by nearest neighbour.
 *
 * <p><b>Threading:</b> confined to the engine's thread. The engine stays its maker's.
 */
final class WholeFrame implements FrameObserver {

  /** Images in files may be larger than what cameras send. */
  static final DecodeLimits LIMITS = new DecodeLimits(256 << 20, DecodeLimits.DEFAULT.maxPixels());

  private final SegmentationEngine engine;
  private final FrameFit fit;
  private final FrameDecoder decoder = new FrameDecoder(LIMITS);
  private final ByteBuffer slot;

  /**
   * @param engine an engine that gives confidences
   */
  WholeFrame(SegmentationEngine engine, ModelSpec model) {
    this.engine = engine;
    this.fit = new FrameFit(model, engine.profile());
    this.slot = ByteBuffer.allocateDirect(fit.slotBytes());
  }

  @Override
  public Observation observe(LabeledFrame frame) throws FrameRejectedException {
    return ask(fit.fill(decoder, frame.frame(), slot), 0, 0, frame.labels());
  }

  /** Asks about a picture that is a part of a frame. */
  Observation observe(RgbImage picture, int left, int top, Mask truth) {
    return ask(fit.fill(picture, slot), left, top, truth);
  }

  private Observation ask(FrameGeometry geometry, int left, int top, Mask truth) {
    EngineMask said = engine.segment(List.of(slot)).get(0);
    byte[] confidence = Objects.requireNonNull(said.confidence());
    return new Observation(
        left,
        top,
        truth,
        FrameFit.content(said.labels(), geometry).scaledTo(truth.width(), truth.height()),
        FrameFit.content(confidence, geometry).scaledTo(truth.width(), truth.height()));
  }
}
