package io.atrous.stream;

import java.time.Instant;

/**
 * The moments that a consumer in any language can hold: the years 1 to 9999. Others make Python's
 * readers fail on the whole record.
 */
final class CalendarRange {

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

  private CalendarRange() {}

  static boolean contains(Instant moment) {
    return !moment.isBefore(FIRST) && !moment.isAfter(LAST);
  }

  /** Returns the moment, or the end of the range that it lies beyond. */
  static Instant clamp(Instant moment) {
    return moment.isBefore(FIRST) ? FIRST : moment.isAfter(LAST) ? LAST : moment;
  }
}
