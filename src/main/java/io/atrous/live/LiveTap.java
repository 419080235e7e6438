package io.atrous.live;

/**
 * Sees the frames on their way through the service.
 *
 * <p><b>Threading:</b> thread-safe.
 */
@FunctionalInterface
public interface LiveTap {

  /** Sees nothing, and costs nothing. */
  LiveTap OFF = (camera, arrivedNanos) -> LiveFrame.NONE;

  /**
   * Begins to follow a frame.
   *
   * @param camera name of its camera, for people
   * @param arrivedNanos when it arrived at the service
   */
  LiveFrame begin(String camera, long arrivedNanos);
}
