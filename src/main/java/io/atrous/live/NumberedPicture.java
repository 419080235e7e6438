package io.atrous.live;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A camera's picture, which is written once for all who look at it, and only if somebody does.
 *
 * <p><b>Threading:</b> thread-safe. Only viewers wait for the writing, never a frame's way through
 * the service.
 */
final class NumberedPicture {

  private final String camera;
  private final long number;
  // Guarded by this; one of the two is there.
  private @Nullable Picture picture;
  private @Nullable String json;

  /**
   * @param number rises with each picture of the camera
   */
  NumberedPicture(String camera, long number, Picture picture) {
    this.camera = camera;
    this.number = number;
    this.picture = picture;
  }

  long number() {
    return number;
  }

  /** Returns the picture as the page reads it. */
  synchronized String json(PictureEncoder encoder) {
    if (json == null) {
      json = encoder.json(camera, Objects.requireNonNull(picture));
      // Its pixels take more memory.
      picture = null;
    }
    return json;
  }
}
