package io.atrous.frame;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Brings a frame to the network's input, for training, evaluation, prediction and the service
 * alike.
 *
 * <p>Each axis on its own: an axis that shrinks is area-averaged, every input pixel being the mean
 * of exactly what it covers; an axis that grows is interpolated linearly between pixel centres.
 *
 * <p><b>Threading:</b> immutable; safe for any number of threads with a slot each.
 */
public final class FrameResizer {

  private final byte[] fill;

  /**
   * @param fillRgb what the padding is painted with, 0xRRGGBB
   */
  public FrameResizer(int fillRgb) {
    fill = new byte[] {(byte) (fillRgb >> 16), (byte) (fillRgb >> 8), (byte) fillRgb};
  }

  /**
   * Fills a slot with the frame and its padding.
   *
   * @param frame of the geometry's frame size
   * @param slot uint8 [inputHeight, inputWidth, 3], a direct buffer of exactly that capacity; its
   *     position and limit play no part and stay as they are
   */
  public void resize(RgbImage frame, FrameGeometry geometry, ByteBuffer slot) {
    if (frame.width() != geometry.frameWidth() || frame.height() != geometry.frameHeight()) {
      throw new IllegalArgumentException(
          "a frame of %dx%d for a geometry of %dx%d"
              .formatted(
                  frame.width(), frame.height(), geometry.frameWidth(), geometry.frameHeight()));
    }
    int rowBytes = Math.multiplyExact(geometry.inputWidth(), RgbImage.CHANNELS);
    if (!slot.isDirect()
        || slot.capacity() != Math.multiplyExact(rowBytes, geometry.inputHeight())) {
      throw new IllegalArgumentException(
          "the slot must be a direct buffer of inputHeight * inputWidth * 3");
    }
    scale(frame, geometry, slot, rowBytes);
    pad(geometry, slot, rowBytes);
  }

  private static void scale(
      RgbImage frame, FrameGeometry geometry, ByteBuffer slot, int slotRowBytes) {
    int width = geometry.contentWidth();
    int height = geometry.contentHeight();
    try (BytePointer framePixels = OpenCv.pointer(frame.pixels());
        Mat source =
            OpenCv.matrix(frame.height(), frame.width(), opencv_core.CV_8UC3, framePixels);
        BytePointer slotPixels = OpenCv.pointer(slot);
        Mat target = OpenCv.matrix(height, width, opencv_core.CV_8UC3, slotPixels, slotRowBytes)) {
      boolean narrower = width < frame.width();
      boolean lower = height < frame.height();
      if (narrower != lower && width != frame.width() && height != frame.height()) {
        // OpenCV averages only where neither axis grows: shrink one first, which is also less work.
        try (Mat shrunk = new Mat()) {
          resize(
              source,
              shrunk,
              narrower ? width : frame.width(),
              lower ? height : frame.height(),
              opencv_imgproc.INTER_AREA);
          resize(shrunk, target, width, height, opencv_imgproc.INTER_LINEAR);
        }
      } else {
        resize(
            source,
            target,
            width,
            height,
            narrower || lower ? opencv_imgproc.INTER_AREA : opencv_imgproc.INTER_LINEAR);
      }
    }
  }

  private static void resize(Mat source, Mat target, int width, int height, int interpolation) {
    try (Size size = new Size(width, height)) {
      opencv_imgproc.resize(source, target, size, 0, 0, interpolation);
    }
  }

  private void pad(FrameGeometry geometry, ByteBuffer slot, int rowBytes) {
    int contentBytes = geometry.contentWidth() * RgbImage.CHANNELS;
    int belowRows = geometry.inputHeight() - geometry.contentHeight();
    if (contentBytes == rowBytes && belowRows == 0) {
      return;
    }
    byte[] padding = new byte[belowRows > 0 ? rowBytes : rowBytes - contentBytes];
    for (int at = 0; at < padding.length; at++) {
      padding[at] = fill[at % RgbImage.CHANNELS];
    }
    if (contentBytes < rowBytes) {
      for (int row = 0; row < geometry.contentHeight(); row++) {
        slot.put(row * rowBytes + contentBytes, padding, 0, rowBytes - contentBytes);
      }
    }
    for (int row = geometry.contentHeight(); row < geometry.inputHeight(); row++) {
      slot.put(row * rowBytes, padding, 0, rowBytes);
    }
  }
}
