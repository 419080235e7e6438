package io.atrous.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A camera whose pictures are taken in.
 *
 * @param name the camera's id, which is the key of its frames
 * @param framesPerSecond the most frames per second; null takes all
 * @param size the size that pictures are scaled to; null leaves them as they are
 * @param transport how RTSP sends pictures
 * @param arguments options of ffmpeg for this input
 * @param loops whether a file or a folder begins again when it is over
 */
public record CameraSettings(
    String name,
    CameraUrl url,
    @Nullable Double framesPerSecond,
    @Nullable Size size,
    Transport transport,
    List<String> arguments,
    boolean loops) {

  /** How RTSP sends pictures. */
  public enum Transport {
    TCP,
    UDP
  }

  /** A picture's size in pixels. */
  public record Size(int width, int height) {}

  public CameraSettings {
    arguments = List.copyOf(arguments);
  }

  /** Without what may be secret. */
  @Override
  public String toString() {
    return name + " at " + url;
  }
}
