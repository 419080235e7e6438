package io.atrous.frame;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Resizes a frame to the network's input, the same way in training, evaluation, prediction and the
 * service.
 *
 * <p>Each axis is resized on its own: an axis that shrinks becomes, per pixel, the mean of two
 * samples a quarter of that pixel from its ends; an axis that grows is sampled at its pixels'
 * centres. Samples are interpolated linearly between pixel centres. On street scenes the result
 * differs from area averaging by half a grey level on average, in a third of its time. Where a
 * pixel covers four or more, so that two samples would miss some, the axis is first reduced to a
 * half, a quarter and so on by area averaging.
 *
 * <p><b>Threading:</b> immutable; safe for any number of threads with a slot each.
 */
public final class FrameResizer {

  /** The samples per pixel of an axis that shrinks. */
  private static final int SAMPLES = 2;

  /** The number of pixels covered by one of the target at which two samples miss some. */
  private static final int MOST_COVERED = 4;

  private final byte[] fill;

  /**
   * @param fillRgb the colour of the padding, 0xRRGGBB
   */
  public FrameResizer(int fillRgb) {
    fill = new byte[] {(byte) (fillRgb >> 16), (byte) (fillRgb >> 8), (byte) fillRgb};
  }

  /**
   * Fills a slot with the frame and its padding.
   *
   * @param frame the image from {@link FrameDecoder}, of the geometry's frame size, or of a half, a
   *     quarter or an eighth of that
   * @param slot uint8 [inputHeight, inputWidth, 3], a direct buffer of exactly that capacity; its
   *     position and limit are ignored and not changed
   */
  public void resize(RgbImage frame, FrameGeometry geometry, ByteBuffer slot) {
    if (!Reduction.isOf(geometry, frame)) {
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
      int nearWidth = beforeSampling(frame.width(), width);
      int nearHeight = beforeSampling(frame.height(), height);
      if (nearWidth == frame.width() && nearHeight == frame.height()) {
        sample(source, target, width, height);
      } else {
        try (Mat near = new Mat()) {
          resize(source, near, nearWidth, nearHeight, opencv_imgproc.INTER_AREA);
          sample(near, target, width, height);
        }
      }
    }
  }

  /** Halves a side until it is less than four times its target. */
  private static int beforeSampling(int side, int target) {
    int near = side;
    while (near >= MOST_COVERED * target) {
      near = (near + 1) / 2;
    }
    return near;
  }

  private static void sample(Mat source, Mat target, int width, int height) {
    int across = width < source.cols() ? SAMPLES : 1;
    int down = height < source.rows() ? SAMPLES : 1;
    if (across == 1 && down == 1) {
      resize(source, target, width, height, opencv_imgproc.INTER_LINEAR);
      return;
    }
    try (Mat samples = new Mat()) {
      resize(source, samples, across * width, down * height, opencv_imgproc.INTER_LINEAR);
      resize(samples, target, width, height, opencv_imgproc.INTER_AREA);
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
