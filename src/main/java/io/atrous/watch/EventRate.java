package io.atrous.watch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How many events a second there are, by the time at which they happened: a service that catches up
 * doesn't make a camera look faster than it is. Between events their time goes on as the clock
 * does, so the rate falls when they cease.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class EventRate {

  static final Duration WINDOW = Duration.ofSeconds(10);
  private static final Duration SHORTEST_SPAN = Duration.ofSeconds(1);
  private static final int MAX_EVENTS = 5_000;

  private final Deque<Instant> events = new ArrayDeque<>();
  private Instant first = Instant.EPOCH;
  private Instant latest = Instant.EPOCH;
  private Instant latestNoted = Instant.EPOCH;

  /**
   * Notes an event.
   *
   * @param happened time at which it happened
   * @param now the clock's time
   */
  void note(Instant happened, Instant now) {
    if (events.isEmpty() || happened.isBefore(first)) {
      first = happened;
    }
    latest = happened;
    latestNoted = now;
    events.addLast(happened);
    if (events.size() > MAX_EVENTS) {
      events.removeFirst();
    }
  }

  double perSecond(Instant now) {
    Instant end = latest.plus(Duration.between(latestNoted, now));
    Instant begin = end.minus(WINDOW);
    events.removeIf(event -> event.isBefore(begin));
    long count = events.stream().filter(event -> !event.isAfter(end)).count();
    Duration span = Duration.between(first, end);
    span = span.compareTo(SHORTEST_SPAN) < 0 ? SHORTEST_SPAN : span;
    span = span.compareTo(WINDOW) > 0 ? WINDOW : span;
    return count / (span.toNanos() / 1e9);
  }
}
