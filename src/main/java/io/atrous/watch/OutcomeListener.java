package io.atrous.watch;

import io.atrous.event.DeadLetterEvent;
import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import java.time.Instant;

/** Is told what a service writes, one event after the other. */
public interface OutcomeListener {

  /**
   * Takes a mask.
   *
   * @param writtenAt time at which it was there to be read
   */
  void mask(MaskEvent mask, Instant writtenAt);

  void region(RegionEvent region);

  void deadLetter(DeadLetterEvent letter);

  /** Takes a record that is no event of its topic. */
  void unreadable();
}
