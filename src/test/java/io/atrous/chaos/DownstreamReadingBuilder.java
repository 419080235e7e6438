package io.atrous.chaos;

import io.atrous.event.DeadLetterReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes down what a consumer might have read of the frames of a ledger. */
final class DownstreamReadingBuilder {

  static final int REGIONS = 2;

  private final List<SeenOutcome> outcomes = new ArrayList<>();
  private final Map<Attempt, List<Integer>> regions = new HashMap<>();

  DownstreamReadingBuilder mask(SentFrame frame, String attempt) {
    regions.put(
        new Attempt(frame.outcomeId(), attempt), IntStream.range(0, REGIONS).boxed().toList());
    return maskAlone(frame, attempt);
  }

  DownstreamReadingBuilder maskAlone(SentFrame frame, String attempt) {
    return maskOf(frame, attempt, frame.cameraId(), Map.of(0, 100L, 3, 900L));
  }

  DownstreamReadingBuilder maskOf(
      SentFrame frame, String attempt, String cameraId, Map<Integer, Long> pixelsByClass) {
    outcomes.add(
        new SeenOutcome(
            "masks",
            0,
            frame.outcomeId(),
            attempt,
            cameraId,
            frame.sequence(),
            frame.frameId(),
            REGIONS,
            pixelsByClass,
            null));
    return this;
  }

  DownstreamReadingBuilder regions(SentFrame frame, String attempt, Integer... indexes) {
    regions.put(new Attempt(frame.outcomeId(), attempt), List.of(indexes));
    return this;
  }

  DownstreamReadingBuilder deadLetter(SentFrame frame, String attempt, DeadLetterReason reason) {
    outcomes.add(
        new SeenOutcome(
            "dead-letters", 0, frame.outcomeId(), attempt, null, null, null, 0, Map.of(), reason));
    return this;
  }

  DownstreamReading read() {
    return new DownstreamReading(outcomes, regions);
  }
}
