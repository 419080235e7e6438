package io.atrous.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.Map;

/**
 * Processor time of a process since it began, and of its threads that are alive.
 *
 * @param processNanos the processor time in nanoseconds of the whole process: its threads, the
 *     JVM's compilers and collectors, and threads of native libraries
 * @param threadNanos the processor time in nanoseconds of Java threads, by what they do
 */
record ServiceUsage(long processNanos, Map<Part, Long> threadNanos) {

  /** The work of a group of threads. */
  enum Part {
    /** The threads that decode, resize, find regions and encode. */
    WORKERS("workers", "frame-worker"),
    /** Run the network; not its native helpers. */
    LANES("lanes", "inference-lane"),
    /** The threads that send what comes out. */
    PRODUCERS("producers", "kafka-producer-network-thread"),
    /** The threads that poll, commit and order what comes out. */
    STREAMS("streams", "-StreamThread-");

    private final String label;
    private final String threadName;

    Part(String label, String threadName) {
      this.label = label;
      this.threadName = threadName;
    }

    String label() {
      return label;
    }
  }

  /** Returns the usage of the calling process. */
  static ServiceUsage now() {
    Map<Part, Long> threadNanos = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      threadNanos.put(part, 0L);
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null) {
        for (Part part : Part.values()) {
          // A producer's thread has the name of its stream thread in its own, and comes first.
          if (thread.getThreadName().contains(part.threadName)) {
            long nanos = Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            threadNanos.merge(part, nanos, Long::sum);
            break;
          }
        }
      }
    }
    return new ServiceUsage(processNanosNow(), threadNanos);
  }

  /** Processor time of the process that asks. */
  static long processNanosNow() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Returns the usage between an earlier time and this one. */
  ServiceUsage since(ServiceUsage earlier) {
    Map<Part, Long> nanos = new EnumMap<>(Part.class);
    threadNanos.forEach((part, now) -> nanos.put(part, now - earlier.of(part)));
    return new ServiceUsage(processNanos - earlier.processNanos, nanos);
  }

  long of(Part part) {
    return threadNanos.getOrDefault(part, 0L);
  }

  /**
   * Returns the nanoseconds used by the JVM itself, native libraries and Java threads of other
   * names.
   */
  long restNanos() {
    return processNanos - threadNanos.values().stream().mapToLong(Long::longValue).sum();
  }
}
