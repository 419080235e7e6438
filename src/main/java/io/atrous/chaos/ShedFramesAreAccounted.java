package io.atrous.chaos;

import io.atrous.chaos.Verdict.Findings;
import io.atrous.event.DeadLetterReason;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A frame that is shed is never gone in silence. Where shed frames leave dead letters, every frame
 * has a mask or a dead letter, and one that was shed has {@code STALE}, which no mask contradicts.
 * Where they are only counted, exactly as many frames have no outcome as the service counted.
 *
 * <p>Holds under both processing guarantees, with {@code frames.max.age.ms}, {@code
 * frames.latest.only} or both. Dead letters hold through every fault. A count is one process's: it
 * says what was decided since that process started, and a frame that is read again after a failure
 * is decided, and counted, again; so it is exact for an instance that takes every frame and stops
 * as asked.
 */
public final class ShedFramesAreAccounted implements Guarantee {

  /** A frame without an outcome that nothing accounts for. */
  public static final String VANISHED = "vanished";

  /** A frame that counts as shed and has an outcome. */
  public static final String MISCOUNTED = "miscounted";

  /** A frame with a mask and a dead letter that says it was shed. */
  public static final String ANSWERED = "answered";

  private final long counted;

  private ShedFramesAreAccounted(long counted) {
    this.counted = counted;
  }

  /** Creates the guarantee for a service whose shed frames leave dead letters. */
  public static ShedFramesAreAccounted byDeadLetters() {
    return new ShedFramesAreAccounted(0);
  }

  /**
   * Creates the guarantee for a service that only counts shed frames.
   *
   * @param counted the number of shed frames that the service has counted
   */
  public static ShedFramesAreAccounted byCount(long counted) {
    return new ShedFramesAreAccounted(counted);
  }

  @Override
  public Verdict check(Ledger sent, DownstreamReading read) {
    Findings findings = new Findings(VANISHED, MISCOUNTED, ANSWERED);
    Map<String, Boolean> shed = new HashMap<>();
    Set<String> contradicted = new HashSet<>();
    for (SeenOutcome outcome : read.outcomes()) {
      boolean stale = outcome.reason() == DeadLetterReason.STALE;
      Boolean before = shed.put(outcome.outcomeId(), stale);
      if (before != null && before != stale && contradicted.add(outcome.outcomeId())) {
        findings.add(ANSWERED, outcome.outcomeId());
      }
    }
    long accounted = counted;
    for (SentFrame frame : sent.frames()) {
      if (!shed.containsKey(frame.outcomeId()) && --accounted < 0) {
        findings.add(VANISHED, frame.frameId() + " at " + frame.outcomeId() + ", or one before it");
      }
    }
    for (; accounted > 0; accounted--) {
      findings.add(MISCOUNTED, accounted + " more were counted than have no outcome");
    }
    return findings.verdict(this);
  }
}
