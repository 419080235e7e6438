package io.atrous.dataset;

import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.RgbImage;

/**
 * Labelled frames as a network is trained on them: decoded at their full size.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class DecodedFrames implements SegmentationDataset {

  private final LabeledFrames frames;
  private final FrameDecoder decoder;

  public DecodedFrames(LabeledFrames frames, DecodeLimits limits) {
    this.frames = frames;
    this.decoder = new FrameDecoder(limits);
  }

  @Override
  public int size() {
    return frames.size();
  }

  /**
   * {@inheritDoc}
   *
   * @return the image in this data set's memory: the next call overwrites it
   * @throws DatasetException if its files can't be used
   */
  @Override
  public LabeledImage get(int index) {
    LabeledFrame frame = frames.get(index);
    try {
      RgbImage image = decoder.decode(frame.frame());
      return new LabeledImage(image, frame.labels());
    } catch (FrameRejectedException e) {
      throw new DatasetException("Cannot use " + frames.name(index) + ": " + e.getMessage(), e);
    }
  }
}
