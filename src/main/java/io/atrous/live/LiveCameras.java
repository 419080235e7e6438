package io.atrous.live;

import io.atrous.event.DeadLetterReason;
import io.atrous.frame.FrameGeometry;
import io.atrous.inference.Segmentation;
import io.atrous.model.ClassCatalog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The cameras whose frames the service has taken lately, a bounded number of them. A frame of a
 * camera at which nobody looks costs a look-up and two additions.
 *
 * <p>A camera goes by its name: two whose names are the same text are one here.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class LiveCameras implements LiveTap {

  /** Cameras that have figures; those beyond are not shown. */
  static final int MAX_CAMERAS = 256;

  /** Cameras that are looked at by anybody at the same time, and so have a picture in memory. */
  static final int MAX_PICTURES = 64;

  private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

  private final LongSupplier nanoTime;
  private final long pictureIntervalNanos;
  private final Map<String, LiveCamera> cameras = new ConcurrentHashMap<>();
  private final Semaphore pictures = new Semaphore(MAX_PICTURES);
  private final RecentFrames recent = new RecentFrames();
  // Guarded by itself.
  private final Map<DeadLetterReason, Long> deadLetters = new EnumMap<>(DeadLetterReason.class);

  /**
   * @param nanoTime the clock of frames' arrivals
   * @param pictureInterval between two pictures of a camera
   */
  public LiveCameras(LongSupplier nanoTime, Duration pictureInterval) {
    this.nanoTime = nanoTime;
    this.pictureIntervalNanos = pictureInterval.toNanos();
  }

  @Override
  public LiveFrame begin(String camera, long arrivedNanos) {
    return new Following(camera(camera), arrivedNanos);
  }

  private @Nullable LiveCamera camera(String name) {
    LiveCamera known = cameras.get(name);
    if (known != null || cameras.size() >= MAX_CAMERAS) {
      return known;
    }
    return cameras.computeIfAbsent(
        name, added -> new LiveCamera(added, pictures, pictureIntervalNanos, now()));
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** Returns a camera, if it has sent lately. */
  @Nullable LiveCamera find(String name) {
    return cameras.get(name);
  }

  /** Returns the cameras that have sent lately, by name; forgets the others. */
  List<LiveCamera> all() {
    long since = now() - FORGOTTEN_AFTER.toNanos();
    cameras.values().removeIf(camera -> camera.isSilentSince(since));
    return cameras.values().stream().sorted(Comparator.comparing(LiveCamera::name)).toList();
  }

  /** Returns the figures of all cameras together. */
  RecentFrames.Figures figures() {
    return recent.at(now());
  }

  /** Returns how many frames became dead letters since the start, by reason. */
  Map<String, Long> deadLetters() {
    Map<String, Long> counts = new TreeMap<>();
    synchronized (deadLetters) {
      deadLetters.forEach((reason, count) -> counts.put(reason.name(), count));
    }
    return counts;
  }

  /** One frame of a camera; of none, if there are too many. */
  private final class Following implements LiveFrame {

    private final @Nullable LiveCamera camera;
    private final long arrivedNanos;
    private byte @Nullable [] rgb;
    private @Nullable Picture picture;
    private int batchSize = 1;

    Following(@Nullable LiveCamera camera, long arrivedNanos) {
      this.camera = camera;
      this.arrivedNanos = arrivedNanos;
    }

    @Override
    public void hasPixels(ByteBuffer input, FrameGeometry geometry) {
      if (camera != null && camera.wantsPicture(now())) {
        rgb = Picture.pixels(input, geometry);
      }
    }

    @Override
    public void hasMask(Segmentation segmentation, FrameGeometry geometry, ClassCatalog classes) {
      batchSize = segmentation.batchSize();
      if (rgb != null) {
        picture = Picture.of(rgb, segmentation, geometry, classes);
      }
    }

    @Override
    public void isAnswered(@Nullable DeadLetterReason reason) {
      long nowNanos = now();
      if (reason != null) {
        synchronized (deadLetters) {
          deadLetters.merge(reason, 1L, Long::sum);
        }
        if (camera != null) {
          camera.isDeadLetter(nowNanos);
        }
        return;
      }
      recent.add(nowNanos, arrivedNanos, batchSize);
      if (camera != null) {
        camera.hasFrame(nowNanos);
        camera.recent().add(nowNanos, arrivedNanos, batchSize);
        if (picture != null) {
          camera.shows(picture, arrivedNanos);
        }
      }
    }
  }
}
