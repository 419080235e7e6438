package io.atrous.demo;

import io.atrous.event.MaskEvent;
import io.atrous.event.RegionEvent;
import io.atrous.frame.DecodeLimits;
import io.atrous.frame.EncodedFrame;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.PayloadEncoding;
import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.mask.Point;
import io.atrous.mask.Polygon;
import io.atrous.model.ClassCatalog;
import io.atrous.prediction.Overlay;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pictures of what came out beside what went in: the frame, the mask over it, and the regions'
 * outlines on it, as PNG files. All of a user's images are shown, and now and then a frame of each
 * synthetic camera.
 *
 * <p><b>Threading:</b> {@link #offer} on the cameras' threads; the rest on one thread.
 */
final class Snapshots {

  private static final int FRAMES_BETWEEN = 40;
  private static final int MAX_FRAMES = 64;
  private static final double OPACITY = 0.55;

  private final Path folder;
  private final ClassCatalog classes;
  private final Map<String, CameraFrame> frames = new ConcurrentHashMap<>();
  private final Map<String, Mask> masks = new HashMap<>();
  private final Map<String, Map<String, RegionEvent>> regions = new HashMap<>();

  /**
   * @throws StartException if the folder can't be made
   */
  Snapshots(Path folder, ClassCatalog classes) {
    this.folder = folder;
    this.classes = classes;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StartException("--snapshots: cannot make the folder " + folder + ": " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new StartException("--snapshots: cannot write to the folder " + folder);
    }
  }

  /** Keeps a frame if it is one to show. */
  void offer(CameraFrame frame) {
    boolean usersOwn = frame.truth() == null;
    if ((usersOwn || frame.sequence() % FRAMES_BETWEEN == 0) && frames.size() < MAX_FRAMES) {
      frames.put(frame.label(), frame);
    }
  }

  /** Keeps a mask if its frame is shown. */
  void mask(MaskEvent event, Mask mask) {
    if (frames.containsKey(event.getFrameId())) {
      masks.put(event.getFrameId(), mask);
    }
  }

  /** Keeps a region if its frame is shown. */
  void region(RegionEvent event) {
    if (frames.containsKey(event.getFrameId())) {
      regions
          .computeIfAbsent(event.getFrameId(), label -> new LinkedHashMap<>())
          .put(event.getRegionId(), event);
    }
  }

  /** Writes the pictures of all frames that have a mask. */
  void write() throws IOException {
    FrameDecoder decoder = new FrameDecoder(DecodeLimits.DEFAULT);
    for (CameraFrame frame : frames.values()) {
      Mask mask = masks.get(frame.label());
      if (mask == null) {
        continue;
      }
      RgbImage image;
      try {
        image =
            decoder.decode(
                EncodedFrame.compressed(
                    PayloadEncoding.named(frame.encoding().name()), frame.payload()));
      } catch (FrameRejectedException e) {
        throw new IllegalStateException("a frame with a mask could not be decoded", e);
      }
      Overlay outlines = new Overlay(image);
      for (RegionEvent region : regions.getOrDefault(frame.label(), Map.of()).values()) {
        outlines.outline(polygon(region.getPolygon()), classes.get(region.getClassId()).rgb());
      }
      png(frame, "frame", image);
      png(frame, "overlay", new Overlay(image).tint(mask, classes, OPACITY).image());
      png(frame, "regions", outlines.image());
    }
  }

  private static Polygon polygon(io.atrous.event.Polygon event) {
    return new Polygon(
        ring(event.getOuter()),
        event.getHoles().stream().map(Snapshots::ring).toList(),
        event.getTolerancePixels(),
        event.getCapped());
  }

  private static List<Point> ring(List<io.atrous.event.Point> event) {
    return event.stream().map(point -> new Point(point.getX(), point.getY())).toList();
  }

  private void png(CameraFrame frame, String kind, RgbImage picture) throws IOException {
    String name = frame.label().replaceAll("[^A-Za-z0-9._-]", "_");
    Files.write(folder.resolve(name + "-" + kind + ".png"), FrameEncoder.png(picture));
  }
}
