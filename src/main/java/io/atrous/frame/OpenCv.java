package io.atrous.frame;

import io.atrous.process.CacheDirectory;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Sets up OpenCV for a process with its own threads and memory limits, and wraps Java's buffers in
 * {@link Mat}s without copying. All use of OpenCV starts here.
 *
 * <p>The caller closes each {@code Mat}, so that no memory waits for the garbage collector.
 */
final class OpenCv {

  static {
    // Before the first library is unpacked.
    var unused = CacheDirectory.current();
    // By default JavaCPP forces collections, and then refuses allocations, once the *process* is
    // larger than four times the heap; the network's weights alone may be.
    setUnlessGiven("org.bytedeco.javacpp.maxBytes", "0");
    setUnlessGiven("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    // Frames are decoded side by side on the callers' threads; further pools only steal time.
    opencv_core.setNumThreads(1);
  }

  private OpenCv() {}

  /** Returns a pointer to the begin of a direct buffer's memory, whatever its position. */
  static BytePointer pointer(ByteBuffer direct) {
    return new BytePointer(direct.duplicate().clear());
  }

  /** Wraps memory whose rows have no padding in a {@code Mat}, which the caller closes. */
  static Mat matrix(int rows, int columns, int type, BytePointer data) {
    return new Mat(rows, columns, type, data);
  }

  /**
   * Wraps memory whose rows begin that many bytes apart in a {@code Mat}, which the caller closes.
   */
  static Mat matrix(int rows, int columns, int type, BytePointer data, long rowBytes) {
    return new Mat(rows, columns, type, data, rowBytes);
  }

  private static void setUnlessGiven(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
