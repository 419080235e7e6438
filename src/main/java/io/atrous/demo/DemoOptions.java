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
 */
public record DemoOptions(
    int cameras,
    @Nullable Double seconds,
    @Nullable Path images,
    double framesPerSecond,
    String modelFile,
    ProcessingGuarantee guarantee,
    @Nullable Path snapshots) {

  private static final int MAX_CAMERAS = 256;

  public DemoOptions {
    if (cameras < 1 || cameras > MAX_CAMERAS) {
      throw new IllegalArgumentException("--cameras must be 1 to " + MAX_CAMERAS);
    }
    if (seconds != null && !(seconds > 0 && seconds <= 86_400)) {
      throw new IllegalArgumentException("--seconds must be more than 0 and at most a day");
    }
    if (!(framesPerSecond > 0 && framesPerSecond <= 1_000)) {
      throw new IllegalArgumentException("--rate must be more than 0 and at most 1000");
    }
  }
}
