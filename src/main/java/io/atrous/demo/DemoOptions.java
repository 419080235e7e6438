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
 * @param webPort the port of the live page and of the metrics; 0 for any that is free
 */
public record DemoOptions(
    int cameras,
    @Nullable Double seconds,
    @Nullable Path images,
    double framesPerSecond,
    String modelFile,
    ProcessingGuarantee guarantee,
    @Nullable Path snapshots,
    int webPort) {

  private static final int LAST_PORT = 65_535;

  public DemoOptions {
    var unused = new FilmingOptions(cameras, framesPerSecond, seconds);
    if (webPort < 0 || webPort > LAST_PORT) {
      throw new IllegalArgumentException(
          "--metrics must be a port, 0 to " + LAST_PORT + ", not " + webPort);
    }
  }

  /** Returns how the cameras film. */
  FilmingOptions filming() {
    return new FilmingOptions(cameras, framesPerSecond, seconds);
  }
}
