package io.atrous.chaos;

import io.atrous.chaos.Verdict.Findings;
import io.atrous.event.DeadLetterReason;
import java.util.HashMap;
import java.util.Map;

/**
 * A frame that can't be answered with a mask becomes a dead letter with the true reason, and the
 * frames behind it in its partition are answered all the same.
 *
 * <p>Holds under both processing guarantees for what is wrong with the frame itself: bytes that are
 * no record, a damaged image, a size beyond the limits.
 */
public final class PoisonNeverBlocks implements Guarantee {

  /** A poisoned frame without a dead letter. */
  public static final String UNREPORTED = "unreported";

  /** A poisoned frame with a dead letter that gives another reason. */
  public static final String MISJUDGED = "misjudged";

  /** A frame that has no outcome while one before it in its partition is poisoned. */
  public static final String BLOCKED = "blocked";

  @Override
  public Verdict check(Ledger sent, DownstreamReading read) {
    Findings findings = new Findings(UNREPORTED, MISJUDGED, BLOCKED);
    Map<String, SeenOutcome> outcomes = new HashMap<>();
    read.outcomes().forEach(outcome -> outcomes.put(outcome.outcomeId(), outcome));
    Map<String, SentFrame> lastPoison = new HashMap<>();
    for (SentFrame frame : sent.frames()) {
      SeenOutcome outcome = outcomes.get(frame.outcomeId());
      String partition = frame.topic() + "/" + frame.partition();
      SentFrame poisonBefore = lastPoison.get(partition);
      if (outcome == null && poisonBefore != null) {
        findings.add(BLOCKED, frame.outcomeId() + " behind " + poisonBefore.outcomeId());
      }
      DeadLetterReason deserved = frame.poison();
      if (deserved == null) {
        continue;
      }
      lastPoison.put(partition, frame);
      if (outcome == null || outcome.isMask()) {
        findings.add(UNREPORTED, frame.outcomeId() + " is " + deserved);
      } else if (outcome.reason() != deserved) {
        findings.add(
            MISJUDGED, frame.outcomeId() + " is " + deserved + ", not " + outcome.reason());
      }
    }
    return findings.verdict(this);
  }
}
