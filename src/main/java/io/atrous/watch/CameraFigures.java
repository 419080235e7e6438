package io.atrous.watch;

import io.atrous.event.DeadLetterReason;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of a camera.
 *
 * @param camera camera's id; null of dead letters that name none
 * @param masks masks since watching began
 * @param regions regions since watching began
 * @param deadLetters dead letters since watching began
 * @param framesPerSecond masks a second, by the time of capture
 * @param regionsPerSecond regions a second, by the time of capture
 * @param latency from capture to the mask; null if no mask came lately
 * @param classes share of the last mask's pixels, by the class's name, the largest first
 * @param silence time since the last event
 */
public record CameraFigures(
    @Nullable String camera,
    long masks,
    long regions,
    Map<DeadLetterReason, Long> deadLetters,
    double framesPerSecond,
    double regionsPerSecond,
    @Nullable Latency latency,
    Map<String, Double> classes,
    Duration silence) {

  /** Half, or 95 of 100, of the latest masks came within that time. */
  public record Latency(Duration median, Duration p95) {}

  public long deadLetterCount() {
    return deadLetters.values().stream().mapToLong(Long::longValue).sum();
  }
}
