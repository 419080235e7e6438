package io.atrous.examples.alerts;

/**
 * An episode that has begun and not ended, as far as it was told.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param alertId id that all of its events have
 * @param coveredSinceMicros time of the first frame that showed the zone covered
 * @param peakShare the greatest share so far
 * @param revision number of its last event
 * @param toldMicros time of the frame that its last event was about
 */
record Episode(
    String alertId, long coveredSinceMicros, double peakShare, int revision, long toldMicros) {

  /** The episode after one more frame. */
  Episode seen(double share) {
    return new Episode(
        alertId, coveredSinceMicros, Math.max(peakShare, share), revision, toldMicros);
  }

  /** The episode after one more event. */
  Episode told(long micros) {
    return new Episode(alertId, coveredSinceMicros, peakShare, revision + 1, micros);
  }

  /** The event about a frame. */
  AlertEvent event(AlertPhase phase, Zone zone, Frame frame, double share) {
    return AlertEvent.newBuilder()
        .setAlertId(alertId)
        .setPhase(phase)
        .setRevision(revision)
        .setCameraId(zone.camera())
        .setZone(zone.name())
        .setClassName(zone.className())
        .setShare(share)
        .setPeakShare(peakShare)
        .setCoveredSince(Frame.instant(coveredSinceMicros))
        .setCapturedAt(Frame.instant(frame.capturedAtMicros()))
        .setOutcomeId(frame.outcomeId())
        .setFrameId(frame.frameId())
        .setRegionIds(frame.regionsIn(zone.name()))
        .build();
  }
}
