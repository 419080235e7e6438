package io.atrous.chaos;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that a consumer of the output topics has read, duplicates included.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param outcomes the outcomes in the order in which they lie in their partitions
 * @param regionIndexes the indexes of the regions of each attempt, as often as they were read
 */
public record DownstreamReading(
    List<SeenOutcome> outcomes, Map<Attempt, List<Integer>> regionIndexes) {

  public DownstreamReading {
    outcomes = List.copyOf(outcomes);
    Map<Attempt, List<Integer>> copy = new HashMap<>();
    regionIndexes.forEach((attempt, indexes) -> copy.put(attempt, List.copyOf(indexes)));
    regionIndexes = Map.copyOf(copy);
  }

  /** Returns the number of frames that have an outcome. */
  public int distinctOutcomes() {
    Set<String> ids = new HashSet<>();
    outcomes.forEach(outcome -> ids.add(outcome.outcomeId()));
    return ids.size();
  }

  /** Returns whether exactly the regions were read that an outcome announces, each once. */
  boolean hasAllRegionsOf(SeenOutcome outcome) {
    List<Integer> indexes = regionIndexes.getOrDefault(outcome.attempt(), List.of());
    return indexes.size() == outcome.regionCount()
        && indexes.stream().distinct().count() == indexes.size()
        && indexes.stream().allMatch(index -> index >= 0 && index < outcome.regionCount());
  }
}
