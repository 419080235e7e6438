package io.atrous.demo;

import org.jspecify.annotations.Nullable;

/**
 * How cameras film.
 *
 * @param cameras the number of cameras
 * @param framesPerSecond the frames per second of each camera
 * @param seconds the time that they film; null if they film until they are stopped
 */
public record FilmingOptions(int cameras, double framesPerSecond, @Nullable Double seconds) {

  private static final int MAX_CAMERAS = 256;

  public FilmingOptions {
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

  /** Returns the time that they film; infinite if they film until they are stopped. */
  double secondsOrForever() {
    return seconds == null ? Double.POSITIVE_INFINITY : seconds;
  }
}
