package io.atrous.stream;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps cameras near real time: of each camera two frames at most are on their way, one that the
 * device has and one that follows; behind these only the newest waits, and whatever waited before
 * it is superseded.
 *
 * <p>A frame that is on its way is never superseded: it has been decoded, or is about to be. If it
 * could be, a camera that is faster than its decoding would never be answered.
 *
 * <p><b>Threading:</b> thread-safe. What it calls is called without its lock, and may call it back.
 *
 * @param <F> a frame
 */
final class LatestFrames<F> {

  private static final int MAX_UNDERWAY = 2;

  private final Consumer<F> begin;
  private final Consumer<F> supersede;
  private final Map<CameraId, Camera<F>> cameras = new HashMap<>();

  private static final class Camera<F> {
    int underway;
    @Nullable F next;
  }

  /**
   * @param begin takes a frame on its way; whoever gets it calls {@link #finished} once
   * @param supersede takes a frame that will not be begun
   */
  LatestFrames(Consumer<F> begin, Consumer<F> supersede) {
    this.begin = begin;
    this.supersede = supersede;
  }

  /** Takes a frame; frames of one camera come in their order. */
  void offer(CameraId id, F frame) {
    F older;
    synchronized (this) {
      Camera<F> camera = cameras.computeIfAbsent(id, key -> new Camera<>());
      if (camera.underway == MAX_UNDERWAY) {
        older = camera.next;
        camera.next = frame;
        if (older == null) {
          return;
        }
      } else {
        camera.underway++;
        older = null;
      }
    }
    if (older == null) {
      begin.accept(frame);
    } else {
      supersede.accept(older);
    }
  }

  /** A frame that was on its way has its outcome. */
  void finished(CameraId id) {
    F next;
    synchronized (this) {
      Camera<F> camera = cameras.get(id);
      if (camera == null) {
        throw new IllegalStateException("no frame of " + id + " is on its way");
      }
      next = camera.next;
      camera.next = null;
      if (next == null && --camera.underway == 0) {
        cameras.remove(id);
      }
    }
    if (next != null) {
      begin.accept(next);
    }
  }
}
