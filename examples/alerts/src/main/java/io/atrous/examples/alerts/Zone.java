package io.atrous.examples.alerts;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.BitSet;
import java.util.List;

/**
 * A part of a camera's picture, and what there is worth an alert.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param camera camera's id
 * @param name zone's name; its camera has no other of that name
 * @param className class whose pixels are counted
 * @param polygon corners (x, y) as fractions of the frame, so that they hold for frames of any size
 * @param onShare share of the zone from which it is covered
 * @param offShare share below which it is no longer covered; at most {@code onShare}
 * @param onSeconds how long it must be covered before an episode begins
 * @param offSeconds how long it must not be covered before the episode ends
 * @param maxGapSeconds the longest time between two answered frames that they speak for
 * @param updateSeconds time from one event of an episode to the next
 * @param cooldownSeconds time from the begin of an episode to that of the next
 */
record Zone(
    String camera,
    String name,
    @JsonProperty("class") String className,
    List<List<Double>> polygon,
    double onShare,
    double offShare,
    double onSeconds,
    double offSeconds,
    double maxGapSeconds,
    double updateSeconds,
    double cooldownSeconds) {

  Zone {
    require(!camera.isBlank(), name, "names no camera");
    require(!name.isBlank(), name, "has no name");
    require(!className.isBlank(), name, "names no class");
    polygon = polygon.stream().map(List::copyOf).toList();
    require(polygon.size() >= 3, name, "needs a polygon of three corners or more");
    require(
        polygon.stream().allMatch(c -> c.size() == 2 && isFraction(c.get(0), c.get(1))),
        name,
        "has a corner that isn't two fractions of the frame, from 0 to 1");
    Rectangle2D bounds = outline(polygon, 1, 1).getBounds2D();
    require(bounds.getWidth() > 0 && bounds.getHeight() > 0, name, "has a polygon without area");
    require(onShare > 0 && onShare <= 1, name, "needs an onShare above 0 and up to 1");
    require(offShare > 0 && offShare <= onShare, name, "needs an offShare above 0, up to onShare");
    require(onSeconds >= 0, name, "needs an onSeconds of 0 or more");
    require(offSeconds >= 0, name, "needs an offSeconds of 0 or more");
    require(maxGapSeconds > 0, name, "needs a maxGapSeconds above 0");
    require(updateSeconds > 0, name, "needs an updateSeconds above 0");
    require(cooldownSeconds >= 0, name, "needs a cooldownSeconds of 0 or more");
  }

  private static void require(boolean holds, String zone, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("Zone '%s' %s".formatted(zone, otherwise));
    }
  }

  private static boolean isFraction(double x, double y) {
    return x >= 0 && x <= 1 && y >= 0 && y <= 1;
  }

  /** The zone in a picture of that size. */
  Path2D outline(double width, double height) {
    return outline(polygon, width, height);
  }

  private static Path2D outline(List<List<Double>> polygon, double width, double height) {
    Path2D outline = new Path2D.Double(Path2D.WIND_EVEN_ODD);
    for (List<Double> corner : polygon) {
      double x = corner.get(0) * width;
      double y = corner.get(1) * height;
      if (outline.getCurrentPoint() == null) {
        outline.moveTo(x, y);
      } else {
        outline.lineTo(x, y);
      }
    }
    outline.closePath();
    return outline;
  }

  /**
   * The pixels of a mask of that size, row by row, whose centres lie in the zone; if the zone is
   * too thin for that, the pixels that it touches.
   */
  BitSet pixels(int width, int height) {
    Path2D outline = outline(width, height);
    BitSet centred = new BitSet(width * height);
    BitSet touched = new BitSet(width * height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        centred.set(y * width + x, outline.contains(x + 0.5, y + 0.5));
        touched.set(y * width + x, outline.intersects(x, y, 1, 1));
      }
    }
    return centred.isEmpty() ? touched : centred;
  }
}
