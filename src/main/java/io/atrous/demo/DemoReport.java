package io.atrous.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What a demo measured, as a downstream consumer saw it; the JSON of {@code --report}.
 *
 * @param framesIn acknowledged sends
 * @param masksOut distinct outcomes that are masks
 * @param regionsOut region events
 * @param deadLetters distinct outcomes that are dead letters
 * @param framesPerSecond outcomes per second, from the first frame's capture to the last outcome's
 *     arrival
 * @param averageBatchSize frames per batch of the network, from the events' timings
 * @param partitionsInWidestBatch the most partitions that met in one batch
 * @param latencyMillis capture to read by the consumer; null without masks
 * @param meanIoU against the cameras' ground truth at frame resolution; null if there is none
 * @param guarantee exactly_once_v2 or at_least_once
 * @param model the model's name and version
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record DemoReport(
    long framesIn,
    long masksOut,
    long regionsOut,
    long deadLetters,
    double framesPerSecond,
    double averageBatchSize,
    int partitionsInWidestBatch,
    @Nullable LatencyMillis latencyMillis,
    @Nullable Double meanIoU,
    String guarantee,
    String model) {

  /** Percentiles of a latency. */
  public record LatencyMillis(double p50, double p95, double p99) {}

  /** Returns whether every frame that went in has come out. */
  public boolean complete() {
    return masksOut + deadLetters == framesIn;
  }
}
