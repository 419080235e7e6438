package io.atrous.web;

import java.time.Duration;

/**
 * The limits of an event stream.
 *
 * <p>A stream is an HTTP response like others, and ends within the time that one may take; the
 * browser then opens the next by itself. So a viewer that has silently gone away, or reads too
 * slowly, holds its place for a bounded time.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param interval between two updates of a viewer
 * @param updates of one stream, before it ends and the viewer reconnects
 * @param retry until a browser reconnects
 * @param viewers at the same time; further ones are refused
 */
public record StreamLimits(Duration interval, int updates, Duration retry, int viewers) {

  /** Two updates a second; well within {@link HttpServerLimits}' time for a response. */
  public static final StreamLimits DEFAULT =
      new StreamLimits(Duration.ofMillis(500), 36, Duration.ofMillis(500), 8);

  /** Returns the time after which a stream is cut off, whatever its viewer does. */
  Duration patience() {
    return interval.multipliedBy(updates).multipliedBy(3).dividedBy(2);
  }
}
