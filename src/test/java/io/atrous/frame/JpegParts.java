package io.atrous.frame;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;

/** JPEGs of many kinds, taken apart and put together, for tests. */
final class JpegParts {

  /** What an encoder may do beside its default. */
  enum Option {
    PROGRESSIVE(opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE, 1),
    OPTIMIZED(opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE, 1),
    RESTARTS(opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, 2),
    ALL_COLOUR(
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR,
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR_444),
    HALF_COLOUR(
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR,
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR_422),
    QUARTER_COLOUR(
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR,
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR_411);

    private final int parameter;
    private final int value;

    Option(int parameter, int value) {
      this.parameter = parameter;
      this.value = value;
    }
  }

  private JpegParts() {}

  /** A JPEG of quality 90. */
  static byte[] of(RgbImage image, Option... options) {
    return of(image, opencv_imgproc.COLOR_RGB2BGR, options);
  }

  /** A JPEG of quality 90 that has only brightness. */
  static byte[] grey(RgbImage image, Option... options) {
    return of(image, opencv_imgproc.COLOR_RGB2GRAY, options);
  }

  private static byte[] of(RgbImage image, int conversion, Option... options) {
    int[] settings = new int[2 + 2 * options.length];
    settings[0] = opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
    settings[1] = 90;
    for (int i = 0; i < options.length; i++) {
      settings[2 + 2 * i] = options[i].parameter;
      settings[3 + 2 * i] = options[i].value;
    }
    try (BytePointer pixels = OpenCv.pointer(image.pixels());
        Mat rgb = OpenCv.matrix(image.height(), image.width(), opencv_core.CV_8UC3, pixels);
        Mat converted = new Mat();
        BytePointer encoded = new BytePointer();
        IntPointer parameters = new IntPointer(settings)) {
      opencv_imgproc.cvtColor(rgb, converted, conversion);
      opencv_imgcodecs.imencode(".jpg", converted, encoded, parameters);
      byte[] jpeg = new byte[Math.toIntExact(encoded.limit())];
      encoded.get(jpeg);
      return jpeg;
    }
  }

  static byte[] segment(int marker, byte[] content) {
    return ByteBuffer.allocate(content.length + 4)
        .put((byte) 0xFF)
        .put((byte) marker)
        .putShort((short) (content.length + 2))
        .put(content)
        .array();
  }

  static byte[] segment(int marker, int... content) {
    byte[] bytes = new byte[content.length];
    for (int at = 0; at < content.length; at++) {
      bytes[at] = (byte) content[at];
    }
    return segment(marker, bytes);
  }

  static byte[] inserted(byte[] jpeg, int at, byte[] bytes) {
    return ByteBuffer.allocate(jpeg.length + bytes.length)
        .put(jpeg, 0, at)
        .put(bytes)
        .put(jpeg, at, jpeg.length - at)
        .array();
  }

  /** The JPEG with all segments of that marker as one, where the first of them was. */
  static byte[] joined(byte[] jpeg, int marker) {
    int first = indexOf(jpeg, marker);
    byte[] joined = Arrays.copyOfRange(jpeg, first, endOfSegment(jpeg, first));
    byte[] rest = without(jpeg, first);
    for (int at = indexOf(rest, marker); at >= 0; at = indexOf(rest, marker)) {
      byte[] content = Arrays.copyOfRange(rest, at + 4, endOfSegment(rest, at));
      joined = inserted(joined, joined.length, content);
      rest = without(rest, at);
    }
    ByteBuffer.wrap(joined).putShort(2, (short) (joined.length - 2));
    return inserted(rest, first, joined);
  }

  /** The JPEG without the segment that begins there. */
  static byte[] without(byte[] jpeg, int at) {
    return removed(jpeg, at, endOfSegment(jpeg, at));
  }

  static byte[] removed(byte[] jpeg, int from, int to) {
    return ByteBuffer.allocate(jpeg.length - (to - from))
        .put(jpeg, 0, from)
        .put(jpeg, to, jpeg.length - to)
        .array();
  }

  static int endOfSegment(byte[] jpeg, int at) {
    return at + 2 + Short.toUnsignedInt(ByteBuffer.wrap(jpeg).getShort(at + 2));
  }

  static int endOfFirstScan(byte[] jpeg) {
    int at = endOfSegment(jpeg, indexOf(jpeg, JpegMarkers.SOS));
    while (jpeg[at] != (byte) 0xFF || jpeg[at + 1] == 0 || (jpeg[at + 1] & 0xF8) == 0xD0) {
      at++;
    }
    return at;
  }

  static int startOfFrame(byte[] jpeg) {
    int baseline = indexOf(jpeg, JpegMarkers.SOF0);
    return baseline >= 0 ? baseline : indexOf(jpeg, JpegMarkers.SOF2);
  }

  static int indexOf(byte[] jpeg, int marker) {
    for (int at = 0; at + 1 < jpeg.length; at++) {
      if (jpeg[at] == (byte) 0xFF && jpeg[at + 1] == (byte) marker) {
        return at;
      }
    }
    return -1;
  }

  static int lastIndexOf(byte[] jpeg, int marker) {
    for (int at = jpeg.length - 2; at >= 0; at--) {
      if (jpeg[at] == (byte) 0xFF && jpeg[at + 1] == (byte) marker) {
        return at;
      }
    }
    return -1;
  }
}
