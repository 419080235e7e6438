package io.atrous.live;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A camera: figures of its last frames, and its last picture while somebody looks at it.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LiveCamera {

  private final String name;
  private final RecentFrames recent = new RecentFrames();
  private final Semaphore places;
  private final long pictureIntervalNanos;
  // Guarded by this.
  private int viewers;
  private long deadLetters;
  private long lastFrameNanos;
  private long lastCopyNanos;
  private @Nullable NumberedPicture picture;
  private long pictureArrivedNanos;
  private long pictures;

  /**
   * @param places permits to look at a camera; one is taken while somebody looks
   * @param pictureIntervalNanos between two pictures of it
   */
  LiveCamera(String name, Semaphore places, long pictureIntervalNanos, long nowNanos) {
    this.name = name;
    this.places = places;
    this.pictureIntervalNanos = pictureIntervalNanos;
    this.lastFrameNanos = nowNanos;
  }

  String name() {
    return name;
  }

  RecentFrames recent() {
    return recent;
  }

  synchronized long deadLetters() {
    return deadLetters;
  }

  synchronized boolean isSilentSince(long nanos) {
    return lastFrameNanos - nanos < 0;
  }

  /** Returns whether a picture of the frame that is here now should be made; the next, later. */
  synchronized boolean wantsPicture(long nowNanos) {
    if (viewers == 0 || nowNanos - lastCopyNanos < pictureIntervalNanos) {
      return false;
    }
    lastCopyNanos = nowNanos;
    return true;
  }

  synchronized void isDeadLetter(long nowNanos) {
    lastFrameNanos = nowNanos;
    deadLetters++;
  }

  synchronized void hasFrame(long nowNanos) {
    lastFrameNanos = nowNanos;
  }

  /** Takes a picture, unless it has that of a later frame. */
  synchronized void shows(Picture newer, long arrivedNanos) {
    if (viewers > 0 && (picture == null || arrivedNanos - pictureArrivedNanos > 0)) {
      picture = new NumberedPicture(name, ++pictures, newer);
      pictureArrivedNanos = arrivedNanos;
    }
  }

  /** Returns the last picture; null if there is none. */
  synchronized @Nullable NumberedPicture picture() {
    return picture;
  }

  /**
   * Begins to be looked at by one viewer more.
   *
   * @return false if too many cameras are looked at already
   */
  synchronized boolean open(long nowNanos) {
    if (viewers == 0) {
      if (!places.tryAcquire()) {
        return false;
      }
      lastCopyNanos = nowNanos - pictureIntervalNanos;
    }
    viewers++;
    return true;
  }

  /** A viewer has gone; after the last one nothing is kept. */
  synchronized void close() {
    viewers--;
    if (viewers == 0) {
      picture = null;
      places.release();
    }
  }
}
