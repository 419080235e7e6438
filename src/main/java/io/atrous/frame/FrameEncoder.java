package io.atrous.frame;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Encodes pixels as payloads, for synthetic cameras, written pictures and tests.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class FrameEncoder {

  private FrameEncoder() {}

  /**
   * Encodes an image as a baseline JPEG.
   *
   * @param quality the JPEG quality, 1 to 100
   */
  public static byte[] jpeg(RgbImage image, int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("JPEG quality is 1 to 100, not " + quality);
    }
    return encode(image, ".jpg", opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality);
  }

  /** Encodes an image as an 8-bit RGB PNG. */
  public static byte[] png(RgbImage image) {
    return encode(image, ".png", opencv_imgcodecs.IMWRITE_PNG_COMPRESSION, 6);
  }

  private static byte[] encode(RgbImage image, String suffix, int parameter, int value) {
    try (BytePointer pixels = OpenCv.pointer(image.pixels());
        Mat rgb = OpenCv.matrix(image.height(), image.width(), opencv_core.CV_8UC3, pixels);
        Mat bgr = new Mat();
        BytePointer encoded = new BytePointer();
        IntPointer parameters = new IntPointer(parameter, value)) {
      opencv_imgproc.cvtColor(rgb, bgr, opencv_imgproc.COLOR_RGB2BGR);
      if (!opencv_imgcodecs.imencode(suffix, bgr, encoded, parameters)) {
        throw new IllegalStateException(
            "OpenCV can't write %dx%d as %s".formatted(image.width(), image.height(), suffix));
      }
      byte[] bytes = new byte[Math.toIntExact(encoded.limit())];
      encoded.get(bytes);
      return bytes;
    }
  }
}
