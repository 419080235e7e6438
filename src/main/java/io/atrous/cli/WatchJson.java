package io.atrous.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atrous.watch.CameraFigures;
import java.time.Duration;
import java.time.Instant;

/** The figures of a camera as a line of JSON, for programs; docs/watch.md has its fields. */
final class WatchJson {

  /** ASCII only, so that no terminal obeys what strangers wrote. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private WatchJson() {}

  static String line(CameraFigures figures, Instant at) {
    ObjectNode node = JSON.createObjectNode();
    node.put("at", at.toString());
    node.put("camera", figures.camera());
    node.put("framesPerSecond", rounded(figures.framesPerSecond()));
    node.put("regionsPerSecond", rounded(figures.regionsPerSecond()));
    CameraFigures.Latency latency = figures.latency();
    if (latency == null) {
      node.putNull("latencyMillis");
    } else {
      node.putObject("latencyMillis")
          .put("p50", latency.median().toMillis())
          .put("p95", latency.p95().toMillis());
    }
    node.put("masks", figures.masks());
    node.put("regions", figures.regions());
    ObjectNode letters = node.putObject("deadLetters");
    figures.deadLetters().forEach((reason, count) -> letters.put(reason.name(), count));
    ObjectNode classes = node.putObject("classes");
    figures.classes().forEach((name, share) -> classes.put(name, rounded(share)));
    node.put("silentSeconds", rounded(seconds(figures.silence())));
    try {
      return JSON.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and text could not be written", e);
    }
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  private static double rounded(double value) {
    return Math.rint(value * 1e4) / 1e4;
  }
}
