package io.atrous.evaluation;

import io.atrous.dataset.LabeledFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.SegmentationEngine;
import io.atrous.model.ModelSpec;

/**
 * Shows a model the middle of a frame: the largest part with the aspect ratio of the input, which
 * then fills the input.
 *
 * <p><b>Threading:</b> confined to the engine's thread. The engine stays its maker's.
 */
final class CroppedFrame implements FrameObserver {

  private final WholeFrame whole;
  private final EngineProfile input;
  private final FrameDecoder decoder = new FrameDecoder(WholeFrame.LIMITS);

  CroppedFrame(SegmentationEngine engine, ModelSpec model) {
    this.whole = new WholeFrame(engine, model);
    this.input = engine.profile();
  }

  @Override
  public Observation observe(LabeledFrame frame) throws FrameRejectedException {
    RgbImage picture = decoder.decode(frame.frame());
    int width = side(picture.width(), picture.height(), input.inputWidth(), input.inputHeight());
    int height = side(picture.height(), picture.width(), input.inputHeight(), input.inputWidth());
    int left = (picture.width() - width) / 2;
    int top = (picture.height() - height) / 2;
    return whole.observe(
        Pictures.part(picture, left, top, width, height),
        left,
        top,
        Pictures.part(frame.labels(), left, top, width, height));
  }

  /** Returns the largest side, rounded, of which the other side still fits. */
  private static int side(int side, int other, int inputSide, int inputOther) {
    long fitting = (2L * other * inputSide + inputOther) / (2L * inputOther);
    return (int) Math.max(1, Math.min(side, fitting));
  }
}
