package io.atrous.examples.alerts;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a camera: the frames that are not judged yet, the last that was, and its
 * zones.
 *
 * <p>Masks and regions are two topics, and come in any order. A frame waits until all of its
 * regions are here, but not for ever: its mask alone decides, and the regions only say what there
 * is to see. Frames are judged in the order in which they were captured; what is older than a
 * judged frame, or the same, has no part.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
final class CameraState {

  /** The longest time that a frame waits for its regions, in the camera's time. */
  static final long MAX_WAIT_MICROS = 5_000_000;

  /** The most that wait, whatever the camera's time is. */
  static final int MAX_WAITING = 1_000;

  /** As many new frames in a row that are older than the last: the camera's clock was set back. */
  static final int CLOCK_SET_BACK_FRAMES = 50;

  private final List<Frame> waiting = new ArrayList<>();
  private final Map<String, ZoneState> zones = new HashMap<>();
  private @Nullable Frame judged;
  private int olderInARow;

  /**
   * Takes a mask or a region.
   *
   * @return the events that follow
   */
  List<AlertEvent> take(Frame part, List<Zone> zonesOfCamera) {
    if (isOld(part) && !isClockSetBack(part)) {
      return List.of();
    }
    remember(part);
    List<AlertEvent> events = new ArrayList<>();
    for (Optional<Frame> frame = next(); frame.isPresent(); frame = next()) {
      judged = frame.get();
      olderInARow = 0;
      judge(frame.get(), zonesOfCamera, events);
    }
    return events;
  }

  private boolean isOld(Frame part) {
    return judged != null && Frame.BY_CAPTURE.compare(part, judged) <= 0;
  }

  /** What is read again doesn't count: it lies before the last frame in its topic, too. */
  private boolean isClockSetBack(Frame part) {
    if (judged != null && part.answered() && part.offset() > judged.offset()) {
      olderInARow++;
    }
    if (olderInARow < CLOCK_SET_BACK_FRAMES) {
      return false;
    }
    olderInARow = 0;
    judged = null;
    waiting.clear();
    zones.replaceAll((name, zone) -> zone.clockSetTo(part));
    return true;
  }

  private void remember(Frame part) {
    Frame known = part;
    for (Frame other : waiting) {
      known = other.isOfAttempt(part) ? other.and(part) : known;
    }
    waiting.removeIf(part::isOfAttempt);
    waiting.add(known);
    waiting.sort(Frame.BY_CAPTURE);
  }

  /** Takes the next frame to judge out of those that wait; empty if it isn't there yet. */
  private Optional<Frame> next() {
    while (!waiting.isEmpty()) {
      Frame first = waiting.get(0);
      List<Frame> attempts =
          waiting.stream().filter(frame -> Frame.BY_CAPTURE.compare(frame, first) == 0).toList();
      Optional<Frame> found = attempts.stream().filter(Frame::complete).findFirst();
      if (found.isEmpty() && !hasWaitedLong(first)) {
        return found;
      }
      waiting.removeAll(attempts);
      found = found.or(() -> attempts.stream().filter(Frame::answered).findFirst());
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private boolean hasWaitedLong(Frame first) {
    long newest = waiting.get(waiting.size() - 1).capturedAtMicros();
    return newest - first.capturedAtMicros() > MAX_WAIT_MICROS || waiting.size() > MAX_WAITING;
  }

  private void judge(Frame frame, List<Zone> zonesOfCamera, List<AlertEvent> events) {
    for (Zone zone : zonesOfCamera) {
      Double share = frame.shares().get(zone.name());
      if (share != null) {
        ZoneState state = zones.getOrDefault(zone.name(), ZoneState.before(frame));
        zones.put(zone.name(), state.after(frame, zone, share, events::add));
      }
    }
  }
}
