package io.atrous.evaluation;

import io.atrous.dataset.LabeledFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.RgbImage;
import io.atrous.inference.EngineProfile;
import io.atrous.inference.ProbabilisticEngine;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Shows a model a frame at several sizes, and its mirror image at each. All answers are brought to
 * the mask's size at scale 1, bilinearly between pixel centres, and their probabilities averaged;
 * the class with the highest mean wins.
 *
 * <p><b>Threading:</b> confined to the engine's thread. The engine stays its maker's.
 */
final class AveragedFrame implements FrameObserver {

  private final ProbabilisticEngine engine;
  private final ModelSpec model;
  private final List<Double> scales;
  private final FrameResizer resizer;
  private final FrameDecoder decoder = new FrameDecoder(WholeFrame.LIMITS);

  AveragedFrame(ProbabilisticEngine engine, ModelSpec model, List<Double> scales) {
    this.engine = engine;
    this.model = model;
    this.scales = scales;
    this.resizer = new FrameResizer(model.normalization().meanRgb());
  }

  @Override
  public Observation observe(LabeledFrame frame) throws FrameRejectedException {
    RgbImage picture = decoder.decode(frame.frame());
    RgbImage mirrored = Pictures.mirrored(picture);
    FrameGeometry geometry = geometry(picture, 1);
    ProbabilityMap mean =
        new ProbabilityMap(
            geometry.contentWidth(), geometry.contentHeight(), model.classes().size());
    for (double scale : scales) {
      mean.add(ask(picture, scale));
      mean.add(ask(mirrored, scale).mirrored());
    }
    Mask truth = frame.labels();
    return new Observation(
        0,
        0,
        truth,
        mean.labels().scaledTo(truth.width(), truth.height()),
        mean.confidence(2 * scales.size()).scaledTo(truth.width(), truth.height()));
  }

  private FrameGeometry geometry(RgbImage picture, double scale) {
    EngineProfile input = engine.profile();
    return new FrameGeometry(
        picture.width(),
        picture.height(),
        (int) Math.max(1, Math.round(scale * input.inputWidth())),
        (int) Math.max(1, Math.round(scale * input.inputHeight())),
        model.resizePolicy());
  }

  private ProbabilityMap ask(RgbImage picture, double scale) {
    FrameGeometry geometry = geometry(picture, scale);
    int width = geometry.inputWidth();
    int height = geometry.inputHeight();
    ByteBuffer slot = ByteBuffer.allocateDirect(width * height * RgbImage.CHANNELS);
    resizer.resize(picture, geometry, slot);
    return new ProbabilityMap(
            width, height, model.classes().size(), engine.probabilities(slot, height, width))
        .topLeft(geometry.contentWidth(), geometry.contentHeight());
  }
}
