package io.atrous.chaos;

import io.atrous.chaos.Verdict.Findings;
import io.atrous.event.DeadLetterReason;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whatever else is in the stream or in the batch, a sound frame gets its own mask: no dead letter,
 * and the mask that its picture gets in any other company.
 *
 * <p>Holds under both processing guarantees. Masks are compared by the pixels that each class
 * covers, and may differ in {@value #TOLERANCE_PERCENT} % of them: the order of a sum depends on
 * the size of its batch, and a neighbour's mask differs by far more. A frame that was shed is not
 * condemned: nothing is said against it ({@link ShedFramesAreAccounted}).
 */
public final class NeighboursUnharmed implements Guarantee {

  /** A sound frame with a dead letter. */
  public static final String CONDEMNED = "condemned";

  /** A mask that is not the one of the frame's picture. */
  public static final String SWAPPED = "swapped";

  static final int TOLERANCE_PERCENT = 2;

  @Override
  public Verdict check(Ledger sent, DownstreamReading read) {
    Findings findings = new Findings(CONDEMNED, SWAPPED);
    Map<String, SeenOutcome> firstOfPicture = new HashMap<>();
    for (SeenOutcome outcome : read.outcomes()) {
      SentFrame frame = sent.frame(outcome.outcomeId());
      if (frame == null || frame.poison() != null) {
        continue;
      }
      if (outcome.reason() == DeadLetterReason.STALE) {
        continue;
      }
      if (!outcome.isMask()) {
        findings.add(CONDEMNED, outcome.attempt() + ": " + outcome.reason());
        continue;
      }
      SeenOutcome first = firstOfPicture.putIfAbsent(frame.picture(), outcome);
      if (first != null && !areAlike(first.pixelsByClass(), outcome.pixelsByClass())) {
        findings.add(
            SWAPPED,
            outcome.attempt()
                + " has classes "
                + outcome.pixelsByClass()
                + ", the same picture at "
                + first.outcomeId()
                + " has "
                + first.pixelsByClass());
      }
    }
    return findings.verdict(this);
  }

  private static boolean areAlike(Map<Integer, Long> one, Map<Integer, Long> other) {
    Set<Integer> classes = new HashSet<>(one.keySet());
    classes.addAll(other.keySet());
    long pixels = one.values().stream().mapToLong(Long::longValue).sum();
    long difference = 0;
    for (int classId : classes) {
      difference += Math.abs(one.getOrDefault(classId, 0L) - other.getOrDefault(classId, 0L));
    }
    // Each pixel that changed its class is counted where it was and where it is.
    return difference * 100 <= 2 * TOLERANCE_PERCENT * pixels;
  }
}
