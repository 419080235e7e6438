package io.atrous.chaos;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * How an instance bore a flood; the JSON of {@code --report}.
 *
 * @param cameras the number of cameras that sent
 * @param bytesPerFrame the bytes of a payload
 * @param framesPerSecond that they sent, on average
 * @param capacity the frames that the engine could answer in a second at most
 * @param heapMegabytes the size in megabytes of the instance's heap
 * @param seconds the time that they sent
 * @param secondsToDrain until every frame was committed after that
 * @param framesIn frames that the broker acknowledged
 * @param masks frames that were answered
 * @param shed frames that were given up, as the service counted
 * @param mostFramesBehind the most frames that were in the topic and not yet answered or given up
 * @param latencyMillis the latency from the producer's timestamp of a frame to the reading of its
 *     mask, while cameras sent and after that
 * @param residentMegabytes the most that the process held, heap and all else, by thirds of the time
 * @param liveHeapMegabytes the most that was alive in its heap, by thirds of the time
 * @param held the guarantees that held
 * @param broken those that did not
 */
public record FloodReport(
    int cameras,
    int bytesPerFrame,
    double framesPerSecond,
    double capacity,
    int heapMegabytes,
    double seconds,
    double secondsToDrain,
    int framesIn,
    long masks,
    long shed,
    long mostFramesBehind,
    Latency latencyMillis,
    List<Long> residentMegabytes,
    List<Long> liveHeapMegabytes,
    List<Verdict> held,
    List<Verdict> broken) {

  /** Percentiles, in milliseconds. */
  public record Latency(long p50, long p99, long max) {}

  /** Returns whether every guarantee that applies held. */
  @JsonIgnore
  public boolean allGuaranteesHeld() {
    return broken.isEmpty();
  }
}
