package io.atrous.inference.onednn;

import com.sun.management.ThreadMXBean;
import io.atrous.inference.SegmentationEngine;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;

/** What an engine allocates on the heap of Java. */
final class Allocation {

  private static final int WARM_CALLS = 50;
  private static final int CALLS = 20;

  private Allocation() {}

  /** Returns the bytes that a call allocates once the engine is warm. */
  static long bytesPerCall(SegmentationEngine engine, List<ByteBuffer> images) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    call(engine, images, WARM_CALLS);
    long before = threads.getCurrentThreadAllocatedBytes();
    call(engine, images, CALLS);
    return (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }

  private static void call(SegmentationEngine engine, List<ByteBuffer> images, int times) {
    for (int i = 0; i < times; i++) {
      engine.segment(images);
    }
  }
}
