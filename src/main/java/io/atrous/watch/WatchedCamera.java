package io.atrous.watch;

import io.atrous.event.ClassSummary;
import io.atrous.event.DeadLetterReason;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of one camera.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class WatchedCamera {

  private static final int MAX_LATENCIES = 1_000;

  private record Noted(Duration latency, Instant at) {}

  private final Map<DeadLetterReason, Long> deadLetters = new EnumMap<>(DeadLetterReason.class);
  private final EventRate frameRate = new EventRate();
  private final EventRate regionRate = new EventRate();
  private final Deque<Noted> latencies = new ArrayDeque<>();
  private Map<String, Double> classes = Map.of();
  private Instant lastEvent = Instant.MIN;
  private long masks;
  private long regions;

  void mask(MaskEvent mask, Instant writtenAt, Instant now) {
    masks++;
    lastEvent = now;
    frameRate.note(mask.getCapturedAt(), now);
    latencies.addLast(new Noted(Duration.between(mask.getCapturedAt(), writtenAt), now));
    if (latencies.size() > MAX_LATENCIES) {
      latencies.removeFirst();
    }
    classes = classes(mask);
  }

  private static Map<String, Double> classes(MaskEvent mask) {
    double pixels = (double) mask.getMaskWidth() * mask.getMaskHeight();
    Map<String, Double> shares = new LinkedHashMap<>();
    mask.getClasses().stream()
        .sorted(Comparator.comparingLong(ClassSummary::getPixelCount).reversed())
        .forEach(present -> shares.put(present.getName(), present.getPixelCount() / pixels));
    return shares;
  }

  void region(RegionEvent region, Instant now) {
    regions++;
    lastEvent = now;
    regionRate.note(region.getCapturedAt(), now);
  }

  void deadLetter(DeadLetterReason reason, Instant now) {
    deadLetters.merge(reason, 1L, Long::sum);
    lastEvent = now;
  }

  CameraFigures figures(@Nullable String camera, Instant now) {
    return new CameraFigures(
        camera,
        masks,
        regions,
        new EnumMap<>(deadLetters),
        frameRate.perSecond(now),
        regionRate.perSecond(now),
        latency(now),
        classes,
        Duration.between(lastEvent, now));
  }

  private CameraFigures.@Nullable Latency latency(Instant now) {
    latencies.removeIf(noted -> noted.at().isBefore(now.minus(EventRate.WINDOW)));
    if (latencies.isEmpty()) {
      return null;
    }
    List<Duration> sorted = latencies.stream().map(Noted::latency).sorted().toList();
    return new CameraFigures.Latency(at(sorted, 0.5), at(sorted, 0.95));
  }

  private static Duration at(List<Duration> sorted, double quantile) {
    return sorted.get((int) Math.ceil(quantile * sorted.size()) - 1);
  }
}
