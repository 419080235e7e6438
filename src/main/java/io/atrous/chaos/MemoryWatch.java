package io.atrous.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What an instance held, looked at now and then.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class MemoryWatch {

  private static final int PARTS = 3;

  /** One look. */
  private record Look(long residentBytes, long liveHeapBytes) {}

  private final List<Look> looks = new ArrayList<>();

  /** Looks at an instance, if it lives. */
  void look(ServiceProcess instance) throws InterruptedException {
    instance
        .report()
        .ifPresent(report -> looks.add(new Look(instance.residentBytes(), report.liveHeapBytes())));
  }

  /** The most physical memory in each third of the looks, in megabytes. */
  List<Long> residentMegabytes() {
    return mostByThirds(Look::residentBytes);
  }

  /** The most live heap in each third of the looks, in megabytes. */
  List<Long> liveHeapMegabytes() {
    return mostByThirds(Look::liveHeapBytes);
  }

  private List<Long> mostByThirds(ToLongFunction<Look> value) {
    List<Long> most = new ArrayList<>();
    for (int part = 0; part < PARTS; part++) {
      List<Look> third =
          looks.subList(looks.size() * part / PARTS, looks.size() * (part + 1) / PARTS);
      most.add(third.stream().mapToLong(value).max().orElse(0) >> 20);
    }
    return most;
  }
}
