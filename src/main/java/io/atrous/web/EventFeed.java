package io.atrous.web;

import java.util.List;

/**
 * The source of what an event stream tells its viewers.
 *
 * <p><b>Threading:</b> thread-safe; each {@link Viewing} is asked by one thread at a time.
 */
@FunctionalInterface
public interface EventFeed {

  /**
   * Begins to tell one viewer.
   *
   * @param subjects names of what the viewer looks at, as it sent them; possibly none
   */
  Viewing begin(List<String> subjects);

  /** One viewer's place in the feed. */
  interface Viewing extends AutoCloseable {

    /** Returns what is new since the last call; everything at the first. */
    List<Event> next();

    /** Ends it: what only this viewer looked at needs no more work. */
    @Override
    void close();
  }

  /**
   * One event.
   *
   * @param name the type under which the viewer listens
   * @param data text without line breaks, such as JSON
   */
  record Event(String name, String data) {}
}
