package io.atrous.prediction;

import io.atrous.frame.RgbImage;
import io.atrous.mask.Mask;
import io.atrous.mask.Point;
import io.atrous.mask.Polygon;
import io.atrous.model.ClassCatalog;
import java.util.List;

/**
 * A frame's picture with what was found in it painted over: classes as tints, regions as outlines.
 *
 * <p><b>Threading:</b> confined to whoever paints.
 */
public final class Overlay {

  private static final int DARK = 0x101010;

  private final RgbImage image;
  private final double lineRadius;

  /** Begins with a copy of the frame. */
  public Overlay(RgbImage frame) {
    image = RgbImage.allocate(frame.width(), frame.height());
    image.pixels().duplicate().put(frame.pixels().duplicate().clear());
    lineRadius = Math.max(0.75, Math.min(frame.width(), frame.height()) / 400.0);
  }

  /** The picture as painted so far, in memory of its own. */
  public RgbImage image() {
    return image;
  }

  /**
   * Tints each pixel with the colour of its class. Values that are no class leave it as it is.
   *
   * @param mask the mask of any size; its edges are the frame's
   * @param opacity 0 shows the frame, 1 the mask
   */
  public Overlay tint(Mask mask, ClassCatalog classes, double opacity) {
    Mask covering = mask.scaledTo(image.width(), image.height());
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int classId = covering.get(x, y);
        if (classId < classes.size()) {
          blend(x, y, classes.get(classId).rgb(), opacity);
        }
      }
    }
    return this;
  }

  /**
   * Draws a region's outline and its holes, with a dark edge that sets it off from any ground.
   *
   * @param polygon the region's outline, in pixels of the frame
   * @param rgb 0xRRGGBB
   */
  public Overlay outline(Polygon polygon, int rgb) {
    drawRings(polygon, DARK, lineRadius * 2);
    drawRings(polygon, rgb, lineRadius);
    return this;
  }

  private void drawRings(Polygon polygon, int rgb, double radius) {
    drawRing(polygon.outer(), rgb, radius);
    polygon.holes().forEach(hole -> drawRing(hole, rgb, radius));
  }

  private void drawRing(List<Point> ring, int rgb, double radius) {
    Point from = ring.get(ring.size() - 1);
    for (Point to : ring) {
      drawLine(from, to, rgb, radius);
      from = to;
    }
  }

  /** Covers each pixel by how far its centre lies within the radius around the line. */
  private void drawLine(Point from, Point to, int rgb, double radius) {
    double reach = radius + 0.5;
    double alongX = to.x() - from.x();
    double alongY = to.y() - from.y();
    double squaredLength = alongX * alongX + alongY * alongY;
    int firstRow = (int) Math.max(0, Math.floor(Math.min(from.y(), to.y()) - reach));
    int lastRow = (int) Math.min(image.height() - 1, Math.ceil(Math.max(from.y(), to.y()) + reach));
    for (int row = firstRow; row <= lastRow; row++) {
      // The part of the line that can reach this row.
      double enter = alongY == 0 ? 0 : share((row - reach - from.y()) / alongY);
      double leave = alongY == 0 ? 1 : share((row + 1 + reach - from.y()) / alongY);
      double leftmost = from.x() + alongX * enter;
      double rightmost = from.x() + alongX * leave;
      int first = (int) Math.max(0, Math.floor(Math.min(leftmost, rightmost) - reach));
      int last =
          (int) Math.min(image.width() - 1, Math.ceil(Math.max(leftmost, rightmost) + reach));
      for (int column = first; column <= last; column++) {
        double x = column + 0.5 - from.x();
        double y = row + 0.5 - from.y();
        double nearest = squaredLength == 0 ? 0 : share((x * alongX + y * alongY) / squaredLength);
        double distance = Math.hypot(x - nearest * alongX, y - nearest * alongY);
        blend(column, row, rgb, share(reach - distance));
      }
    }
  }

  private static double share(double value) {
    return Math.max(0, Math.min(1, value));
  }

  private void blend(int x, int y, int rgb, double opacity) {
    if (opacity == 0) {
      return;
    }
    int ground = image.rgb(x, y);
    int blended = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int below = ground >> shift & 0xFF;
      int above = rgb >> shift & 0xFF;
      blended = blended << 8 | (int) Math.round(below + (above - below) * opacity);
    }
    image.setRgb(x, y, blended);
  }
}
