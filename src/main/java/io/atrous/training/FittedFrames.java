package io.atrous.training;

import io.atrous.dataset.DatasetException;
import io.atrous.dataset.LabeledFrame;
import io.atrous.dataset.LabeledFrames;
import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.FittedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameRejectedException;
import io.atrous.model.ResizePolicy;
import java.util.List;

/**
 * Labelled frames as a network sees them: read when they are asked for, decoded and resized as the
 * service does it.
 *
 * <p><b>Threading:</b> thread-safe; each thread has a decoder of its own.
 */
public final class FittedFrames implements SegmentationDataset {

  private final LabeledFrames frames;
  private final List<Integer> chosen;
  private final int inputHeight;
  private final int inputWidth;
  private final ThreadLocal<FrameDecoder> decoders;

  /**
   * Takes some of the frames.
   *
   * @param chosen the numbers of the frames that are taken
   * @param limits the limits of what is decoded
   * @param inputHeight the input height of the network
   * @param inputWidth the input width of the network
   */
  public FittedFrames(
      LabeledFrames frames,
      List<Integer> chosen,
      DecodeLimits limits,
      int inputHeight,
      int inputWidth) {
    this.frames = frames;
    this.chosen = List.copyOf(chosen);
    this.inputHeight = inputHeight;
    this.inputWidth = inputWidth;
    this.decoders = ThreadLocal.withInitial(() -> new FrameDecoder(limits));
  }

  @Override
  public int size() {
    return chosen.size();
  }

  /**
   * {@inheritDoc}
   *
   * @throws DatasetException if its files can't be used
   */
  @Override
  public LabeledImage get(int index) {
    int number = chosen.get(index);
    LabeledFrame frame = frames.get(number);
    try {
      FittedFrame fitted = decoders.get().decode(frame.frame(), this::geometry);
      return NetworkView.of(fitted.picture(), frame.labels(), fitted.geometry());
    } catch (FrameRejectedException e) {
      throw new DatasetException("Cannot use " + frames.name(number) + ": " + e.getMessage(), e);
    }
  }

  private FrameGeometry geometry(int width, int height) {
    return new FrameGeometry(width, height, inputWidth, inputHeight, ResizePolicy.FIT);
  }
}
