package io.atrous.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A closed line along pixel edges, as its corners in mask coordinates, and its simplified image in
 * the frame.
 *
 * <p><b>Threading:</b> confined to its owner; its memory is kept from ring to ring.
 */
final class Ring {

  /**
   * The most corners between two that are kept in any case. Simplifying takes quadratic time for
   * shapes made for it, and this bounds the square.
   */
  private static final int MAX_STRETCH = 1024;

  private int[] xs = new int[256];
  private int[] ys = new int[256];
  private int size;

  // The image in the frame, and which corners stay.
  private double[] frameXs = new double[0];
  private double[] frameYs = new double[0];
  private boolean[] kept = new boolean[0];
  private int[] stack = new int[64];

  void clear() {
    size = 0;
  }

  void add(int x, int y) {
    if (size == xs.length) {
      xs = Arrays.copyOf(xs, size * 2);
      ys = Arrays.copyOf(ys, size * 2);
    }
    xs[size] = x;
    ys[size] = y;
    size++;
  }

  /** The enclosed area in mask pixels: positive clockwise on the screen, else negative. */
  double signedArea() {
    long twice = 0;
    for (int i = 0, before = size - 1; i < size; before = i++) {
      twice += (long) xs[before] * ys[i] - (long) xs[i] * ys[before];
    }
    return twice / 2.0;
  }

  /**
   * A ring in the frame.
   *
   * @param tolerancePixels the largest distance of the exact ring's points from this ring
   */
  record Simplified(List<Point> points, double tolerancePixels) {}

  /**
   * The ring in the frame with at most that many points: if the tolerance leaves more, with twice
   * the tolerance, and so on; in the end it is the box around it.
   *
   * @param maxPoints at least those of a box
   */
  Simplified simplified(double scaleX, double scaleY, double tolerancePixels, int maxPoints) {
    List<Point> points = simplified(scaleX, scaleY, tolerancePixels);
    if (points.size() <= maxPoints) {
      return new Simplified(points, tolerancePixels);
    }
    List<Point> box = box();
    double width = box.get(2).x() - box.get(0).x();
    double height = box.get(2).y() - box.get(0).y();
    double boxTolerance = Math.min(width, height) / 2;
    double direction = Math.signum(signedArea());
    double tolerance = Math.max(tolerancePixels, Math.max(scaleX, scaleY) / 2);
    while ((tolerance *= 2) < boxTolerance) {
      simplify(tolerance);
      points = keptPoints();
      if (points.size() <= maxPoints && Math.signum(signedArea(points)) == direction) {
        return new Simplified(points, tolerance);
      }
    }
    if (direction < 0) {
      Collections.reverse(box);
    }
    return new Simplified(box, Math.max(boxTolerance, tolerancePixels));
  }

  /** Around the placed ring, clockwise on the screen from the top left. */
  private List<Point> box() {
    double left = frameXs[0];
    double right = left;
    double top = frameYs[0];
    double bottom = top;
    for (int i = 1; i < size; i++) {
      left = Math.min(left, frameXs[i]);
      right = Math.max(right, frameXs[i]);
      top = Math.min(top, frameYs[i]);
      bottom = Math.max(bottom, frameYs[i]);
    }
    return new ArrayList<>(
        List.of(
            new Point(left, top),
            new Point(right, top),
            new Point(right, bottom),
            new Point(left, bottom)));
  }

  /**
   * The ring in the frame, by the algorithm of Douglas and Peucker: with fewer corners, but no
   * point of this ring farther from the result than the tolerance. A result that would turn the
   * ring inside out or leave no area is made anew with half the tolerance.
   *
   * @param scaleX frame pixels per mask pixel
   * @param scaleY likewise, down
   * @param tolerancePixels the tolerance in frame pixels; 0 keeps every corner
   */
  List<Point> simplified(double scaleX, double scaleY, double tolerancePixels) {
    place(scaleX, scaleY);
    double direction = Math.signum(signedArea());
    double tolerance = tolerancePixels;
    while (true) {
      simplify(tolerance);
      List<Point> points = keptPoints();
      if (Math.signum(signedArea(points)) == direction) {
        return points;
      }
      tolerance /= 2;
    }
  }

  private void place(double scaleX, double scaleY) {
    if (frameXs.length < size) {
      frameXs = new double[xs.length];
      frameYs = new double[xs.length];
      kept = new boolean[xs.length];
    }
    for (int i = 0; i < size; i++) {
      frameXs[i] = xs[i] * scaleX;
      frameYs[i] = ys[i] * scaleY;
    }
  }

  private void simplify(double tolerance) {
    Arrays.fill(kept, 0, size, false);
    int opposite = farthestFromStart();
    keepBetween(0, opposite, tolerance);
    keepBetween(opposite, size, tolerance);
  }

  private int farthestFromStart() {
    int farthest = 0;
    double largest = -1;
    for (int i = 0; i < size; i++) {
      double distance = square(frameXs[i] - frameXs[0]) + square(frameYs[i] - frameYs[0]);
      if (distance > largest) {
        largest = distance;
        farthest = i;
      }
    }
    return farthest;
  }

  /** Keeps {@code from}, and what is needed up to {@code to}, where index {@code size} is 0. */
  private void keepBetween(int from, int to, double tolerance) {
    for (int start = from; start < to; start += MAX_STRETCH) {
      kept[start] = true;
      keepWithin(start, Math.min(to, start + MAX_STRETCH), tolerance);
    }
  }

  private void keepWithin(int from, int to, double tolerance) {
    int depth = push(0, from, to);
    while (depth > 0) {
      int end = stack[--depth];
      int start = stack[--depth];
      int farthest = -1;
      double largest = tolerance * tolerance;
      for (int i = start + 1; i < end; i++) {
        double distance = squaredDistance(i, start, end == size ? 0 : end);
        if (distance > largest) {
          largest = distance;
          farthest = i;
        }
      }
      if (farthest >= 0) {
        kept[farthest] = true;
        depth = push(push(depth, start, farthest), farthest, end);
      }
    }
  }

  private int push(int depth, int from, int to) {
    if (depth + 2 > stack.length) {
      stack = Arrays.copyOf(stack, stack.length * 2);
    }
    stack[depth] = from;
    stack[depth + 1] = to;
    return depth + 2;
  }

  /** From a corner to the straight line between two others, ends included. */
  private double squaredDistance(int corner, int from, int to) {
    double alongX = frameXs[to] - frameXs[from];
    double alongY = frameYs[to] - frameYs[from];
    double x = frameXs[corner] - frameXs[from];
    double y = frameYs[corner] - frameYs[from];
    double squaredLength = square(alongX) + square(alongY);
    double share =
        squaredLength == 0
            ? 0
            : Math.max(0, Math.min(1, (x * alongX + y * alongY) / squaredLength));
    return square(x - share * alongX) + square(y - share * alongY);
  }

  private List<Point> keptPoints() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      if (kept[i]) {
        points.add(new Point(frameXs[i], frameYs[i]));
      }
    }
    return points;
  }

  private static double signedArea(List<Point> points) {
    double twice = 0;
    Point before = points.get(points.size() - 1);
    for (Point point : points) {
      twice += before.x() * point.y() - point.x() * before.y();
      before = point;
    }
    return twice / 2;
  }

  private static double square(double value) {
    return value * value;
  }
}
