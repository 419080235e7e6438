package io.atrous.checkpoint;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much heap this thread has taken since it began, whether in use or not. */
final class Allocated {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  static long bytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }
}
