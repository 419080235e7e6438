package io.atrous.examples.alerts;

import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.mask.MaskFormatException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known so far of one attempt at a frame: its mask, some of its regions, or all.
 *
 * <p>A frame without regions has no region event. That nothing is there is known from the mask
 * alone, by its {@code regionCount} of 0: such a frame is complete with its mask.
 *
 * <p><b>Threading:</b> immutable by contract.
 *
 * @param regionCount how many regions there are; {@link #UNKNOWN} until the mask is here
 * @param shares how much of each zone is covered
 * @param regions the zones that each region touches, by the region's id
 */
record Frame(
    String outcomeId,
    String attemptId,
    String frameId,
    long capturedAtMicros,
    int regionCount,
    Map<String, Double> shares,
    Map<String, List<String>> regions) {

  static final int UNKNOWN = -1;

  /**
   * The order in which frames of a camera are judged; 0 means the same frame, read again perhaps.
   * Offsets tell frames apart that were captured at the same moment.
   */
  static final Comparator<Frame> BY_CAPTURE =
      Comparator.comparingLong(Frame::capturedAtMicros).thenComparingLong(Frame::offset);

  /**
   * What a mask says.
   *
   * @throws MaskFormatException if it can't be decoded
   */
  static Frame of(MaskEvent mask, Zones zones) throws MaskFormatException {
    return new Frame(
        mask.getOutcomeId(),
        mask.getAttemptId(),
        mask.getFrameId(),
        micros(mask.getCapturedAt()),
        mask.getRegionCount(),
        zones.shares(mask),
        Map.of());
  }

  /** What a region says. */
  static Frame of(RegionEvent region, Zones zones) {
    return new Frame(
        region.getOutcomeId(),
        region.getAttemptId(),
        region.getFrameId(),
        micros(region.getCapturedAt()),
        UNKNOWN,
        Map.of(),
        Map.of(region.getRegionId(), zones.touchedBy(region)));
  }

  boolean isOfAttempt(Frame other) {
    return outcomeId.equals(other.outcomeId) && attemptId.equals(other.attemptId);
  }

  /** Both in one; the order doesn't matter, nor does what both say. */
  Frame and(Frame other) {
    Map<String, List<String>> all = new TreeMap<>(regions);
    all.putAll(other.regions);
    return new Frame(
        outcomeId,
        attemptId,
        frameId,
        capturedAtMicros,
        Math.max(regionCount, other.regionCount),
        shares.isEmpty() ? other.shares : shares,
        all);
  }

  boolean answered() {
    return regionCount != UNKNOWN;
  }

  boolean complete() {
    return answered() && regions.size() >= regionCount;
  }

  /** The regions that touch a zone. */
  List<String> regionsIn(String zone) {
    return regions.entrySet().stream()
        .filter(region -> region.getValue().contains(zone))
        .map(Map.Entry::getKey)
        .toList();
  }

  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** The offset in {@code topic/partition@offset}. */
  long offset() {
    return Long.parseLong(outcomeId.substring(outcomeId.lastIndexOf('@') + 1));
  }
}
