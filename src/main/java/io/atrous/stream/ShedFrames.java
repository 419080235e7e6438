package io.atrous.stream;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Counts the frames that were shed, and those that came from the future: what this process decided.
 * A frame that is read again after a failure is decided, and counted, again.
 *
 * <p><b>Threading:</b> thread-safe; one for the whole service.
 */
public final class ShedFrames {

  /** Records name cameras, so their number must be bounded. */
  private static final int MAX_CAMERAS = 1_000;

  private final Map<ShedCause, Long> byCause = new EnumMap<>(ShedCause.class);
  private final Map<CameraId, Long> shedByCamera = new HashMap<>();
  private final Map<CameraId, Long> skewedByCamera = new HashMap<>();

  /**
   * What has been counted.
   *
   * @param byCause frames shed
   * @param shedByCamera the same frames
   * @param skewedByCamera frames whose timestamp lay too far in the future; they were not shed for
   *     that
   */
  public record Counts(
      Map<ShedCause, Long> byCause,
      Map<CameraId, Long> shedByCamera,
      Map<CameraId, Long> skewedByCamera) {

    private static final int CAMERAS_NAMED = 5;

    public Counts {
      byCause = Map.copyOf(byCause);
      shedByCamera = Map.copyOf(shedByCamera);
      skewedByCamera = Map.copyOf(skewedByCamera);
    }

    public long shed() {
      return sum(byCause);
    }

    public long skewed() {
      return sum(skewedByCamera);
    }

    public boolean isEmpty() {
      return shed() == 0 && skewed() == 0;
    }

    /** What has been counted since an earlier look at the same counters. */
    public Counts since(Counts earlier) {
      return new Counts(
          difference(byCause, earlier.byCause),
          difference(shedByCamera, earlier.shedByCamera),
          difference(skewedByCamera, earlier.skewedByCamera));
    }

    /** One line for people. */
    @Override
    public String toString() {
      StringJoiner line = new StringJoiner("; ");
      if (shed() > 0) {
        line.add(shed() + " frames shed: " + most(byCause, c -> c.name().replace('_', ' ')));
        line.add("of cameras: " + most(shedByCamera, CameraId::toString));
      }
      if (skewed() > 0) {
        line.add(skewed() + " frames from the future: " + most(skewedByCamera, CameraId::toString));
      }
      return line.toString();
    }

    private static <K> String most(Map<K, Long> counts, Function<K, String> name) {
      String named =
          counts.entrySet().stream()
              .sorted(Map.Entry.<K, Long>comparingByValue().reversed())
              .limit(CAMERAS_NAMED)
              .map(entry -> name.apply(entry.getKey()) + " " + entry.getValue())
              .collect(Collectors.joining(", "));
      return counts.size() <= CAMERAS_NAMED
          ? named
          : named + " and " + (counts.size() - CAMERAS_NAMED) + " more";
    }

    private static <K> long sum(Map<K, Long> counts) {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static <K> Map<K, Long> difference(Map<K, Long> now, Map<K, Long> earlier) {
      Map<K, Long> difference = new HashMap<>();
      now.forEach(
          (key, count) -> {
            long more = count - earlier.getOrDefault(key, 0L);
            if (more > 0) {
              difference.put(key, more);
            }
          });
      return difference;
    }
  }

  /** What has been counted since the start. */
  public synchronized Counts counts() {
    return new Counts(byCause, shedByCamera, skewedByCamera);
  }

  synchronized void countShed(ShedCause cause, CameraId camera) {
    byCause.merge(cause, 1L, Long::sum);
    count(shedByCamera, camera);
  }

  synchronized void countSkewed(CameraId camera) {
    count(skewedByCamera, camera);
  }

  private static void count(Map<CameraId, Long> cameras, CameraId camera) {
    boolean known = cameras.containsKey(camera) || cameras.size() < MAX_CAMERAS;
    cameras.merge(known ? camera : CameraId.OTHERS, 1L, Long::sum);
  }
}
