package io.atrous.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much heap this thread has taken since it began, whether in use or not. */
public final class Allocated {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocated() {}

  public static long bytes() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }
}
