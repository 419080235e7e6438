package io.atrous.demo;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes pictures.
 *
 * <p><b>Threading:</b> confined to its camera's thread.
 */
interface Camera {

  /**
   * Takes the next picture.
   *
   * @param sequence the picture's number, from 0
   * @param seconds the time since the camera was switched on
   * @return null after the last picture
   */
  @Nullable CameraFrame capture(long sequence, double seconds) throws IOException;
}
