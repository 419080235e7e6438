package io.atrous.chaos;

import io.atrous.chaos.Verdict.Findings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The outcomes of a camera lie in each output topic in the order in which its frames lie in their
 * input partition.
 *
 * <p>Holds under both processing guarantees, for a camera that keeps to one input partition. Under
 * at-least-once it is said of the first copy of each outcome: a consumer that passes over outcome
 * ids it has seen reads the rest in order. Between a topic of masks and one of dead letters there
 * is no order.
 */
public final class OrderKeptPerCamera implements Guarantee {

  /** The first copy of an outcome lies behind one of a later frame. */
  public static final String REORDERED = "reordered";

  /** A sequence of outcomes whose order is guaranteed. */
  private record Lane(String topic, int partition, String cameraId, String input) {}

  @Override
  public Verdict check(Ledger sent, DownstreamReading read) {
    Findings findings = new Findings(REORDERED);
    Set<String> seen = new HashSet<>();
    Map<Lane, SentFrame> latest = new HashMap<>();
    for (SeenOutcome outcome : read.outcomes()) {
      SentFrame frame = sent.frame(outcome.outcomeId());
      if (frame == null || !seen.add(outcome.outcomeId())) {
        continue;
      }
      Lane lane =
          new Lane(
              outcome.topic(),
              outcome.partition(),
              frame.cameraId(),
              frame.topic() + "/" + frame.partition());
      SentFrame last = latest.get(lane);
      if (last != null && last.offset() > frame.offset()) {
        findings.add(REORDERED, outcome.attempt() + " comes after " + last.outcomeId());
      } else {
        latest.put(lane, frame);
      }
    }
    return findings.verdict(this);
  }
}
