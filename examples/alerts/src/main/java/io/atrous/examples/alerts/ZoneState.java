package io.atrous.examples.alerts;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a zone after its last answered frame.
 *
 * <p>All times are those at which frames were captured. Where no frame was answered for longer than
 * the zone's {@code maxGapSeconds}, nothing is known of the time between: it counts neither as
 * covered nor as empty, and waiting starts anew. An episode outlasts such a gap.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param covered whether the class covers the zone, by the thresholds of its shares
 * @param sinceMicros time since when that is so, without a gap
 * @param lastMicros time of the last frame
 * @param begunMicros time at which the last episode was told to begin, if any was
 * @param episode episode that goes on, if any
 */
record ZoneState(
    boolean covered,
    long sinceMicros,
    long lastMicros,
    @Nullable Long begunMicros,
    @Nullable Episode episode) {

  /** A zone before its first frame. */
  static ZoneState before(Frame frame) {
    long micros = frame.capturedAtMicros();
    return new ZoneState(false, micros, micros, null, null);
  }

  /** The same with the camera's clock set to a frame's time: nothing that was waited for counts. */
  ZoneState clockSetTo(Frame frame) {
    long micros = frame.capturedAtMicros();
    return new ZoneState(
        covered,
        micros,
        micros,
        null,
        episode == null
            ? null
            : new Episode(
                episode.alertId(),
                episode.coveredSinceMicros(),
                episode.peakShare(),
                episode.revision(),
                micros));
  }

  /**
   * Judges a frame that is newer than all before.
   *
   * @param send takes the event about it, if there is one
   */
  ZoneState after(Frame frame, Zone zone, double share, Consumer<AlertEvent> send) {
    long now = frame.capturedAtMicros();
    boolean nowCovered = share >= (covered ? zone.offShare() : zone.onShare());
    boolean goesOn = nowCovered == covered && now - lastMicros <= micros(zone.maxGapSeconds());
    long since = goesOn ? sinceMicros : now;
    Long begun = begunMicros;
    Episode current = episode == null ? null : episode.seen(share);
    if (current == null) {
      boolean cool = begun == null || now - begun >= micros(zone.cooldownSeconds());
      if (nowCovered && cool && now - since >= micros(zone.onSeconds())) {
        String alertId = String.join("/", zone.camera(), zone.name(), frame.outcomeId());
        current = new Episode(alertId, since, share, 0, now);
        send.accept(current.event(AlertPhase.BEGIN, zone, frame, share));
        begun = now;
      }
    } else if (!nowCovered && now - since >= micros(zone.offSeconds())) {
      send.accept(current.told(now).event(AlertPhase.END, zone, frame, share));
      current = null;
    } else if (now - current.toldMicros() >= micros(zone.updateSeconds())) {
      current = current.told(now);
      send.accept(current.event(AlertPhase.UPDATE, zone, frame, share));
    }
    return new ZoneState(nowCovered, since, now, begun, current);
  }

  private static long micros(double seconds) {
    return Math.round(seconds * 1e6);
  }
}
