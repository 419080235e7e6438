package io.atrous.watch;

import io.atrous.deadletter.DeadLetterFilter;
import io.atrous.event.DeadLetterEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what a service writes, by camera. Of more cameras than it can remember, those that have
 * been silent for longest are forgotten.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class WatchedCameras implements OutcomeListener {

  static final int MAX_CAMERAS = 1_000;

  private final Clock clock;

  /** Those that were heard of last come last. */
  private final Map<Optional<String>, WatchedCamera> cameras = new LinkedHashMap<>(16, 0.75f, true);

  private long unreadable;

  /**
   * @param clock tells how long a camera has been silent
   */
  public WatchedCameras(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void mask(MaskEvent mask, Instant writtenAt) {
    camera(Optional.of(mask.getCameraId())).mask(mask, writtenAt, clock.instant());
  }

  @Override
  public void region(RegionEvent region) {
    camera(Optional.of(region.getCameraId())).region(region, clock.instant());
  }

  @Override
  public void deadLetter(DeadLetterEvent letter) {
    camera(Optional.ofNullable(DeadLetterFilter.camera(letter)))
        .deadLetter(letter.getReason(), clock.instant());
  }

  @Override
  public void unreadable() {
    unreadable++;
  }

  private WatchedCamera camera(Optional<String> id) {
    WatchedCamera camera = cameras.computeIfAbsent(id, unknown -> new WatchedCamera());
    if (cameras.size() > MAX_CAMERAS) {
      cameras.remove(cameras.keySet().iterator().next());
    }
    return camera;
  }

  /** The figures of the cameras that are remembered, by their ids. */
  public List<CameraFigures> figures() {
    Instant now = clock.instant();
    return cameras.entrySet().stream()
        .map(camera -> camera.getValue().figures(camera.getKey().orElse(null), now))
        .sorted(
            Comparator.comparing(
                CameraFigures::camera, Comparator.nullsLast(Comparator.naturalOrder())))
        .toList();
  }

  /** Returns the number of records that were no events. */
  public long unreadableRecords() {
    return unreadable;
  }
}
