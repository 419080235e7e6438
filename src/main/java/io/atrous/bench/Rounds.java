package io.atrous.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;

/**
 * Runs things in turn, round after round, so that whatever else the machine does at a time is
 * shared by all of them.
 *
 * <p>Short runs are preceded by some that are not counted: they would find caches and threads as
 * another thing has left them, which a network that labels frame after frame does not.
 *
 * @param most rounds
 * @param enoughNanos after which no further round begins, once there were {@value #LEAST}
 */
record Rounds(int most, long enoughNanos) {

  static final int LEAST = 3;

  /** The time of the runs that are not counted; what takes longer fills the caches by itself. */
  static final long WARMING_NANOS = 30_000_000;

  /**
   * The times of the runs of one thing.
   *
   * @param nanos the nanoseconds of each run, the shortest first; at least one
   */
  record Times(List<Long> nanos) {
    Times {
      nanos = nanos.stream().sorted().toList();
    }

    double medianMillis() {
      int half = nanos.size() / 2;
      return nanos.size() % 2 == 1
          ? millis(nanos.get(half))
          : (millis(nanos.get(half - 1)) + millis(nanos.get(half))) / 2;
    }

    double minMillis() {
      return millis(nanos.get(0));
    }

    double maxMillis() {
      return millis(nanos.get(nanos.size() - 1));
    }

    private static double millis(long nanos) {
      return nanos / 1e6;
    }
  }

  Rounds {
    if (most < LEAST) {
      throw new IllegalArgumentException("there must be at least " + LEAST + " rounds");
    }
  }

  /**
   * Runs each thing once to warm it, then rounds of all.
   *
   * @param nanoTime a clock
   * @param progress hears the fraction done after each run
   * @return the times of each, in order
   */
  <K> Map<K, Times> run(Map<K, Runnable> things, LongSupplier nanoTime, DoubleConsumer progress) {
    Map<K, List<Long>> nanos = new LinkedHashMap<>();
    Map<K, Long> lastNanos = new HashMap<>();
    things.forEach(
        (key, thing) -> {
          nanos.put(key, new ArrayList<>());
          lastNanos.put(key, nanos(thing, nanoTime));
        });
    long startNanos = nanoTime.getAsLong();
    for (int round = 0;
        round < LEAST || (round < most && nanoTime.getAsLong() - startNanos < enoughNanos);
        round++) {
      int done = 0;
      for (Map.Entry<K, Runnable> thing : things.entrySet()) {
        if (lastNanos.getOrDefault(thing.getKey(), 0L) < WARMING_NANOS) {
          warm(thing.getValue(), nanoTime);
        }
        long runNanos = nanos(thing.getValue(), nanoTime);
        lastNanos.put(thing.getKey(), runNanos);
        nanos.computeIfAbsent(thing.getKey(), key -> new ArrayList<>()).add(runNanos);
        double rounds = round + (double) ++done / things.size();
        double byRounds = rounds / most;
        double byTime =
            Math.min(rounds / LEAST, (double) (nanoTime.getAsLong() - startNanos) / enoughNanos);
        progress.accept(Math.min(1, Math.max(byRounds, byTime)));
      }
    }
    Map<K, Times> times = new LinkedHashMap<>();
    nanos.forEach((key, each) -> times.put(key, new Times(each)));
    return times;
  }

  private static void warm(Runnable thing, LongSupplier nanoTime) {
    long leftNanos = WARMING_NANOS;
    while (leftNanos > 0) {
      leftNanos -= nanos(thing, nanoTime);
    }
  }

  private static long nanos(Runnable thing, LongSupplier nanoTime) {
    long beganNanos = nanoTime.getAsLong();
    thing.run();
    return nanoTime.getAsLong() - beganNanos;
  }
}
