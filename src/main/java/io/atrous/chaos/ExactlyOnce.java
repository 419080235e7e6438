package io.atrous.chaos;

import io.atrous.chaos.Verdict.Findings;
import java.util.HashSet;
import java.util.Set;

/**
 * A consumer at {@code read_committed} reads no outcome twice, and no region but those of the
 * outcomes it reads, each once: nothing is ever seen of an attempt that was broken off.
 *
 * <p>Holds under {@code exactly_once_v2} only. It says nothing about frames that have no outcome
 * ({@link EveryFrameHasOneOutcome}), nor about consumers at {@code read_uncommitted}.
 */
public final class ExactlyOnce implements Guarantee {

  /** An outcome that was read before. */
  public static final String DUPLICATED = "duplicated";

  /** An attempt whose regions are not exactly those that its outcome announces. */
  public static final String TORN = "torn";

  @Override
  public Verdict check(Ledger sent, DownstreamReading read) {
    Findings findings = new Findings(DUPLICATED, TORN);
    Set<String> outcomeIds = new HashSet<>();
    Set<Attempt> attempts = new HashSet<>();
    for (SeenOutcome outcome : read.outcomes()) {
      if (!outcomeIds.add(outcome.outcomeId())) {
        findings.add(DUPLICATED, outcome.attempt().toString());
      }
      if (attempts.add(outcome.attempt()) && !read.hasAllRegionsOf(outcome)) {
        findings.add(TORN, outcome.attempt() + " announces " + outcome.regionCount() + " regions");
      }
    }
    for (Attempt attempt : read.regionIndexes().keySet()) {
      if (!attempts.contains(attempt)) {
        findings.add(TORN, attempt + " has regions and no outcome");
      }
    }
    return findings.verdict(this);
  }
}
