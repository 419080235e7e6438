package io.atrous.inference;

import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FittedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.model.ModelSpec;
import java.nio.ByteBuffer;

/**
 * How frames go into an engine and masks come out of it, for the service, evaluation and prediction
 * alike.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class FrameFit {

  private final ModelSpec model;
  private final EngineProfile engine;
  private final FrameResizer resizer;

  public FrameFit(ModelSpec model, EngineProfile engine) {
    this.model = model;
    this.engine = engine;
    this.resizer = new FrameResizer(model.normalization().meanRgb());
  }

  /** The bytes of one image as the engine takes it. */
  public int slotBytes() {
    return engine.inputHeight() * engine.inputWidth() * RgbImage.CHANNELS;
  }

  /** How a frame of that size lies in the engine's input. */
  public FrameGeometry geometry(int frameWidth, int frameHeight) {
    return new FrameGeometry(
        frameWidth, frameHeight, engine.inputWidth(), engine.inputHeight(), model.resizePolicy());
  }

  /**
   * Decodes a frame as fine as the engine needs it, and fills a slot with it.
   *
   * @param slot a direct buffer of {@link #slotBytes}: receives uint8 [inputHeight, inputWidth, 3]
   * @return how the frame lies in it
   * @throws FrameRejectedException if the frame isn't a sound image
   */
  public FrameGeometry fill(FrameDecoder decoder, EncodedFrame frame, ByteBuffer slot)
      throws FrameRejectedException {
    FittedFrame fitted = decoder.decode(frame, this::geometry);
    resizer.resize(fitted.picture(), fitted.geometry(), slot);
    return fitted.geometry();
  }

  /**
   * Fills a slot with a frame.
   *
   * @param slot a direct buffer of {@link #slotBytes}: receives uint8 [inputHeight, inputWidth, 3]
   * @return how the frame lies in it
   */
  public FrameGeometry fill(RgbImage frame, ByteBuffer slot) {
    FrameGeometry geometry = geometry(frame.width(), frame.height());
    resizer.resize(frame, geometry, slot);
    return geometry;
  }

  /**
   * What an engine says of the frame alone, padding cut off.
   *
   * @param values uint8 [inputHeight, inputWidth]: labels or confidences
   */
  public static Mask content(byte[] values, FrameGeometry geometry) {
    return new Mask(geometry.inputWidth(), geometry.inputHeight(), values)
        .topLeft(geometry.contentWidth(), geometry.contentHeight());
  }
}
