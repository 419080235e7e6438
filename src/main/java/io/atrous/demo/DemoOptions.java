package io.atrous.demo;

import io.atrous.settings.NetworkKeys;
import io.atrous.settings.ProcessingGuarantee;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to show.
 *
 * @param cameras the number of cameras
 * @param seconds the time that they film; null for as long as there are images
 * @param images a folder to play instead of synthetic scenes, or null
 * @param framesPerSecond the frames per second of each camera
 * @param modelFile the service's {@link NetworkKeys#MODEL_FILE}
 * @param guarantee the service's guarantee
 * @param snapshots a folder to write pictures to, or null
 * @param metricsPort the port of the service's metrics, 0 for any that is free; null for none
 */
public record DemoOptions(
    int cameras,
    @Nullable Double seconds,
    @Nullable Path images,
    double framesPerSecond,
    String modelFile,
    ProcessingGuarantee guarantee,
    @Nullable Path snapshots,
    @Nullable Integer metricsPort) {

  private static final int LAST_PORT = 65_535;

  public DemoOptions {
    var unused = new FilmingOptions(cameras, framesPerSecond, seconds);
    if (metricsPort != null && (metricsPort < 0 || metricsPort > LAST_PORT)) {
      throw new IllegalArgumentException(
          "--metrics must be a port, 0 to " + LAST_PORT + ", not " + metricsPort);
    }
  }

  /** Returns how the cameras film. */
  FilmingOptions filming() {
    return new FilmingOptions(cameras, framesPerSecond, seconds);
  }
}
