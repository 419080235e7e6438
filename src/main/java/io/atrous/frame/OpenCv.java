package io.atrous.frame;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * The one way to OpenCV: sets it up for a process that brings its own threads and its own memory
 * limits, and lays {@link Mat}s over Java's buffers.
 *
 * <p>Whoever takes a {@code Mat} closes it: nothing waits for the garbage collector.
 */
final class OpenCv {

  static {
    // By default JavaCPP forces collections, and then refuses allocations, once the *process* is
    // larger than four times the heap; the network's weights alone may be.
    setUnlessGiven("org.bytedeco.javacpp.maxBytes", "0");
    setUnlessGiven("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    // Frames are decoded side by side on the callers' threads; pools beneath them only steal time.
    opencv_core.setNumThreads(1);
  }

  private OpenCv() {}

  /** Where a whole direct buffer's memory begins. */
  static BytePointer pointer(ByteBuffer direct) {
    return new BytePointer(direct.duplicate().clear());
  }

  /** A header over the buffer's memory, rows without padding; the caller closes it. */
  static Mat matrix(int rows, int columns, int type, BytePointer data) {
    return new Mat(rows, columns, type, data);
  }

  /** A header over memory whose rows begin that many bytes apart; the caller closes it. */
  static Mat matrix(int rows, int columns, int type, BytePointer data, long rowBytes) {
    return new Mat(rows, columns, type, data, rowBytes);
  }

  private static void setUnlessGiven(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
