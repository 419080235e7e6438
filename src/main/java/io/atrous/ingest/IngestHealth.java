package io.atrous.ingest;

import io.atrous.web.Health;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The health of a process that takes in cameras: ready while pictures come from at least one, since
 * a camera that is away is no fault of this process.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class IngestHealth implements Health {

  private final List<IngestedCamera> cameras;

  IngestHealth(List<IngestedCamera> cameras) {
    this.cameras = List.copyOf(cameras);
  }

  @Override
  public Report started() {
    return new Report(true, parts());
  }

  @Override
  public Report ready() {
    return new Report(cameras.stream().anyMatch(camera -> camera.metrics().isConnected()), parts());
  }

  private Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    for (IngestedCamera camera : cameras) {
      parts.put(
          camera.name(),
          camera.isOver() ? "over" : camera.metrics().isConnected() ? "connected" : "away");
    }
    return parts;
  }
}
