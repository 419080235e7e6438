package io.atrous.chaos;

import io.atrous.chaos.Verdict.Findings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Every frame that the broker acknowledged has an outcome, and of one kind only: a mask whose
 * regions are all there, or a dead letter. Every outcome names a frame that was sent, with that
 * frame's camera, sequence and label.
 *
 * <p>Holds under both processing guarantees. Under at-least-once an outcome may be there several
 * times; every copy has the same {@code outcomeId}, which is how a consumer recognises it, and at
 * least one attempt's set of regions is complete.
 */
public final class EveryFrameHasOneOutcome implements Guarantee {

  /** No outcome. */
  public static final String LOST = "lost";

  /** A mask, but no attempt whose regions are all there. */
  public static final String INCOMPLETE = "incomplete";

  /** Both a mask and a dead letter. */
  public static final String CONTRADICTED = "contradicted";

  /** An outcome of a frame that nobody sent. */
  public static final String UNASKED = "unasked";

  /** An outcome with another frame's camera, sequence or label. */
  public static final String MISLABELLED = "mislabelled";

  @Override
  public Verdict check(Ledger sent, DownstreamReading read) {
    Findings findings = new Findings(LOST, INCOMPLETE, CONTRADICTED, UNASKED, MISLABELLED);
    Map<String, Boolean> isMask = new HashMap<>();
    Set<String> contradicted = new HashSet<>();
    Set<String> complete = new HashSet<>();
    for (SeenOutcome outcome : read.outcomes()) {
      SentFrame frame = sent.frame(outcome.outcomeId());
      if (frame == null) {
        findings.add(UNASKED, outcome.outcomeId());
        continue;
      }
      if (!isLabelledLike(outcome, frame)) {
        findings.add(MISLABELLED, outcome + " answers " + frame);
      }
      Boolean before = isMask.put(outcome.outcomeId(), outcome.isMask());
      if (before != null && before != outcome.isMask() && contradicted.add(outcome.outcomeId())) {
        findings.add(CONTRADICTED, outcome.outcomeId());
      }
      if (read.hasAllRegionsOf(outcome)) {
        complete.add(outcome.outcomeId());
      }
    }
    for (SentFrame frame : sent.frames()) {
      if (!isMask.containsKey(frame.outcomeId())) {
        findings.add(LOST, frame.frameId() + " at " + frame.outcomeId());
      } else if (!complete.contains(frame.outcomeId())) {
        findings.add(INCOMPLETE, frame.frameId() + " at " + frame.outcomeId());
      }
    }
    return findings.verdict(this);
  }

  /** What a dead letter could not read of its frame it can't say. */
  private static boolean isLabelledLike(SeenOutcome outcome, SentFrame frame) {
    if (!outcome.isMask()
        && outcome.cameraId() == null
        && outcome.frameId() == null
        && outcome.sequence() == null) {
      return true;
    }
    return frame.cameraId().equals(outcome.cameraId())
        && frame.frameId().equals(outcome.frameId())
        && Objects.equals(frame.sequence(), outcome.sequence());
  }
}
