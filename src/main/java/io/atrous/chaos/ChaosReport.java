package io.atrous.chaos;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;

/**
 * What was done to the service and what came of it; the JSON of {@code --report}.
 *
 * @param guarantee exactly_once_v2 or at_least_once
 * @param kills instances that were ended by SIGKILL
 * @param killsWithFramesInFlight those of them that had frames of their partitions uncommitted
 *     which had been in the topic for {@code inFlightMillis} before the signal
 * @param faults the number of times that each fault struck
 * @param framesIn frames that the broker acknowledged
 * @param outcomes frames with at least one outcome
 * @param lost frames without an outcome
 * @param duplicated outcomes read more often than once, each further time counted
 * @param reordered outcomes behind that of a later frame of their camera
 * @param poisoned those of the frames that deserve a dead letter
 * @param held the checked guarantees that apply in this mode and held
 * @param broken those that did not hold
 * @param instances the number of instances of the service that ran
 * @param groupProtocol classic or streams
 * @param seed the seed of the faults and the poison
 * @param seconds the time that it took, without the start and the end
 * @param timeouts Kafka's time-outs, in milliseconds
 * @param exits the number of ended instances by exit code; 137 is SIGKILL
 */
public record ChaosReport(
    String guarantee,
    int kills,
    int killsWithFramesInFlight,
    Map<String, Integer> faults,
    int framesIn,
    int outcomes,
    long lost,
    long duplicated,
    long reordered,
    long poisoned,
    List<Verdict> held,
    List<Verdict> broken,
    int instances,
    String groupProtocol,
    long seed,
    double seconds,
    Map<String, Object> timeouts,
    Map<Integer, Integer> exits) {

  /** Returns whether every guarantee that applies in this mode held. */
  @JsonIgnore
  public boolean allGuaranteesHeld() {
    return broken.isEmpty();
  }
}
