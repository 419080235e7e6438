package io.atrous.training;

import io.atrous.dataset.LabeledImage;
import io.atrous.frame.FrameGeometry;
import io.atrous.frame.FrameResizer;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import java.nio.ByteBuffer;

/** Brings labelled frames to the size at which a network sees them, as the service does it. */
public final class NetworkView {

  private NetworkView() {}

  /**
   * Shrinks or enlarges a frame, and gives each pixel the label at its centre.
   *
   * @param geometry how frames of this size lie in the network's input
   * @return the frame without padding
   */
  public static LabeledImage of(RgbImage frame, Mask truth, FrameGeometry geometry) {
    int width = geometry.contentWidth();
    int height = geometry.contentHeight();
    RgbImage slot = RgbImage.allocate(geometry.inputWidth(), geometry.inputHeight());
    new FrameResizer(0).resize(frame, geometry, slot.pixels());
    byte[] labels = new byte[width * height];
    for (int row = 0; row < height; row++) {
      int frameRow = (int) geometry.toFrameY(row + 0.5);
      for (int column = 0; column < width; column++) {
        labels[row * width + column] =
            (byte) truth.get((int) geometry.toFrameX(column + 0.5), frameRow);
      }
    }
    return new LabeledImage(content(slot, width, height), new Mask(width, height, labels));
  }

  /** The image without its padding, in memory of its own. */
  private static RgbImage content(RgbImage slot, int width, int height) {
    if (slot.width() == width && slot.height() == height) {
      return slot;
    }
    RgbImage content = RgbImage.allocate(width, height);
    ByteBuffer source = slot.pixels();
    for (int row = 0; row < height; row++) {
      content
          .pixels()
          .put(
              row * width * RgbImage.CHANNELS,
              source,
              row * slot.width() * RgbImage.CHANNELS,
              width * RgbImage.CHANNELS);
    }
    return content;
  }
}
