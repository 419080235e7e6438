package io.atrous.training;

import io.atrous.model.WholeFile;
import io.atrous.training.TrainingCourse.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Draws the course of a training: loss, mean IoU on the validation set, and rate, one above the
 * other over the steps.
 */
final class TrainingCurves {

  static final int WIDTH = 900;
  static final int HEIGHT = 720;

  private static final int PANELS = 3;
  private static final int LEFT = 90;
  private static final int RIGHT = 20;
  private static final int TOP = 30;
  private static final int BOTTOM = 30;
  private static final int GRID_LINES = 4;
  private static final Color GRID = new Color(0xDDDDDD);
  private static final Color TEXT = new Color(0x404040);
  private static final Color CURVE = new Color(0x1F5FA8);

  /** Weight of the newest step in the moving average of the drawn loss. */
  private static final double FRESHNESS = 0.05;

  private TrainingCurves() {}

  /** Writes the picture as PNG, in place of the one there if there is one. */
  static void write(Path file, TrainingCourse course) throws IOException {
    BufferedImage image = draw(course);
    ImageIO.setUseCache(false);
    WholeFile.write(
        file,
        out -> {
          if (!ImageIO.write(image, "png", out)) {
            throw new IOException("this Java has no writer of PNG");
          }
        });
  }

  static BufferedImage draw(TrainingCourse course) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    int steps = course.losses().stream().mapToInt(Point::step).max().orElse(1);
    panel(graphics, 0, "loss", smooth(course.losses()), steps);
    panel(graphics, 1, "mean iou", course.meanIoUs(), steps);
    panel(graphics, 2, "rate", course.rates(), steps);
    graphics.dispose();
    return image;
  }

  private static List<Point> smooth(List<Point> points) {
    double[] mean = {points.isEmpty() ? 0 : points.get(0).value()};
    return points.stream()
        .map(
            point -> {
              mean[0] += FRESHNESS * (point.value() - mean[0]);
              return new Point(point.step(), mean[0]);
            })
        .toList();
  }

  private static void panel(
      Graphics2D graphics, int number, String title, List<Point> points, int steps) {
    int top = number * HEIGHT / PANELS + TOP;
    int height = HEIGHT / PANELS - TOP - BOTTOM;
    int width = WIDTH - LEFT - RIGHT;
    double highest = points.stream().mapToDouble(Point::value).max().orElse(1);
    double span = highest > 0 ? highest : 1;
    graphics.setColor(TEXT);
    DotFont.draw(graphics, title, LEFT, top - DotFont.HEIGHT - 6);
    for (int line = 0; line <= GRID_LINES; line++) {
      int y = top + height - line * height / GRID_LINES;
      graphics.setColor(GRID);
      graphics.drawLine(LEFT, y, LEFT + width, y);
      String value = label(span * line / GRID_LINES);
      graphics.setColor(TEXT);
      DotFont.draw(graphics, value, LEFT - DotFont.width(value) - 4, y - DotFont.HEIGHT / 2);
      String step = Integer.toString((int) ((long) steps * line / GRID_LINES));
      int x = LEFT + line * width / GRID_LINES;
      DotFont.draw(graphics, step, x - DotFont.width(step) / 2, top + height + 6);
    }
    graphics.setColor(CURVE);
    graphics.setStroke(new BasicStroke(2));
    Path2D curve = new Path2D.Double();
    for (int i = 0; i < points.size(); i++) {
      double x = LEFT + (double) points.get(i).step() / steps * width;
      double y = top + height - points.get(i).value() / span * height;
      if (i == 0) {
        curve.moveTo(x, y);
      }
      curve.lineTo(x, y);
    }
    graphics.draw(curve);
  }

  private static String label(double value) {
    return value != 0 && value < 0.01
        ? String.format(Locale.ROOT, "%.1e", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
