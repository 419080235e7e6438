package io.atrous.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A closed line along pixel edges, as its corners in mask coordinates, and its simplified image in
 * the frame: some of the corners, which are said to be kept, joined by sides.
 *
 * <p><b>Threading:</b> confined to its owner.
 */
final class Ring {

  /**
   * The most corners between two that are kept in any case. Simplifying takes quadratic time for
   * shapes made for it, and this bounds the square.
   */
  private static final int MAX_STRETCH = 1024;

  // States of corners.
  private static final byte DROPPED = 0;
  private static final byte KEPT = 1;
  // Kept, and the side that begins here wasn't handed out yet.
  private static final byte FRESH = 2;

  private final int[] xs;
  private final int[] ys;
  private final int size;
  private final long twiceArea;
  private final byte[] states;

  // The image in the frame.
  private double scaleX = 1;
  private double scaleY = 1;
  private double tolerancePixels;
  private int keptCount;
  private int[] stack = new int[32];

  /**
   * @param xs the corners' columns, not repeated at the end
   * @param ys the corners' rows, as many
   */
  Ring(int[] xs, int[] ys) {
    this.xs = xs;
    this.ys = ys;
    this.size = xs.length;
    this.states = new byte[size];
    this.twiceArea = twiceSignedArea();
  }

  private long twiceSignedArea() {
    long twice = 0;
    for (int i = 0, before = size - 1; i < size; before = i++) {
      twice += (long) xs[before] * ys[i] - (long) xs[i] * ys[before];
    }
    return twice;
  }

  /** The enclosed area in mask pixels: positive clockwise on the screen, else negative. */
  double signedArea() {
    return twiceArea / 2.0;
  }

  /** Returns true if the ring runs clockwise on the screen, as an outside does. */
  boolean isClockwise() {
    return twiceArea > 0;
  }

  int size() {
    return size;
  }

  /** The column of a corner; that of index {@code size()} is corner 0's. */
  int x(int corner) {
    return xs[corner == size ? 0 : corner];
  }

  /** The row of a corner; that of index {@code size()} is corner 0's. */
  int y(int corner) {
    return ys[corner == size ? 0 : corner];
  }

  /** How many corners are kept. */
  int keptCount() {
    return keptCount;
  }

  /** The largest distance of the ring's points from its simplified image. */
  double tolerancePixels() {
    return tolerancePixels;
  }

  /**
   * Places the ring in the frame.
   *
   * @param scaleX frame pixels per mask pixel
   * @param scaleY likewise, down
   */
  void place(double scaleX, double scaleY) {
    this.scaleX = scaleX;
    this.scaleY = scaleY;
  }

  /**
   * Keeps as few corners as the algorithm of Douglas and Peucker finds, so that no point of this
   * ring is farther from the result than the tolerance. The result may cross itself.
   *
   * @param tolerance the tolerance in frame pixels; 0 keeps every corner
   */
  void simplify(double tolerance) {
    tolerancePixels = tolerance;
    Arrays.fill(states, DROPPED);
    keptCount = 0;
    int opposite = farthestFromStart();
    keepBetween(0, opposite);
    keepBetween(opposite, size);
  }

  private int farthestFromStart() {
    int farthest = 0;
    double largest = -1;
    for (int i = 0; i < size; i++) {
      double distance = square((xs[i] - xs[0]) * scaleX) + square((ys[i] - ys[0]) * scaleY);
      if (distance > largest) {
        largest = distance;
        farthest = i;
      }
    }
    return farthest;
  }

  /** Keeps {@code from}, and what is needed up to {@code to}, where index {@code size} is 0. */
  private void keepBetween(int from, int to) {
    for (int start = from; start < to; start += MAX_STRETCH) {
      keep(start);
      keepWithin(start, Math.min(to, start + MAX_STRETCH));
    }
  }

  private void keep(int corner) {
    states[corner] = FRESH;
    keptCount++;
  }

  private void keepWithin(int from, int to) {
    int depth = push(0, from, to);
    while (depth > 0) {
      int end = stack[--depth];
      int start = stack[--depth];
      int farthest = farthestFromSide(start, end, tolerancePixels * tolerancePixels);
      if (farthest >= 0) {
        keep(farthest);
        depth = push(push(depth, start, farthest), farthest, end);
      }
    }
  }

  /**
   * The corner that is farthest from a side, ends included, if its squared distance is more than
   * that; else -1.
   */
  private int farthestFromSide(int start, int end, double squaredDistance) {
    int fromX = xs[start];
    int fromY = ys[start];
    double alongX = (x(end) - fromX) * scaleX;
    double alongY = (y(end) - fromY) * scaleY;
    double squaredLength = square(alongX) + square(alongY);
    // Along and across the side, of a step of a mask pixel; both times its length.
    double alongOfX = alongX * scaleX;
    double alongOfY = alongY * scaleY;
    double acrossOfX = -alongY * scaleX;
    double acrossOfY = alongX * scaleY;
    int farthest = -1;
    double largest = squaredDistance * squaredLength;
    for (int i = start + 1; i < end; i++) {
      int x = xs[i] - fromX;
      int y = ys[i] - fromY;
      double along = x * alongOfX + y * alongOfY;
      double distance = square(x * acrossOfX + y * acrossOfY);
      if (along < 0 || along > squaredLength) {
        double beyond = along < 0 ? along : along - squaredLength;
        distance += square(beyond);
      }
      if (distance > largest) {
        largest = distance;
        farthest = i;
      }
    }
    return farthest;
  }

  private int push(int depth, int from, int to) {
    if (depth + 2 > stack.length) {
      stack = Arrays.copyOf(stack, stack.length * 2);
    }
    stack[depth] = from;
    stack[depth + 1] = to;
    return depth + 2;
  }

  /**
   * Puts a side nearer to the ring: keeps the corner that is farthest from it, and what the
   * tolerance then asks for.
   *
   * @param from a kept corner
   * @param to the next kept corner, {@code size()} for corner 0
   * @return false if the side is one of the ring's own
   */
  boolean refine(int from, int to) {
    int farthest = farthestFromSide(from, to, -1);
    if (farthest < 0) {
      return false;
    }
    states[from] = FRESH;
    keep(farthest);
    keepWithin(from, farthest);
    keepWithin(farthest, to);
    return true;
  }

  /** The next kept corner behind one, {@code size()} for corner 0, which is always kept. */
  int keptAfter(int corner) {
    int next = corner + 1;
    while (next < size && states[next] == DROPPED) {
      next++;
    }
    return next;
  }

  /** Returns true if the side that begins at a kept corner is new since the last time. */
  boolean takeFresh(int corner) {
    boolean fresh = states[corner] == FRESH;
    states[corner] = KEPT;
    return fresh;
  }

  /** The simplified ring. */
  List<Point> points() {
    List<Point> points = new ArrayList<>(keptCount);
    for (int i = 0; i < size; i = keptAfter(i)) {
      points.add(new Point(xs[i] * scaleX, ys[i] * scaleY));
    }
    return points;
  }

  /** The box around the placed ring, clockwise on the screen from the top left. */
  List<Point> box() {
    double left = least(xs) * scaleX;
    double right = largest(xs) * scaleX;
    double top = least(ys) * scaleY;
    double bottom = largest(ys) * scaleY;
    return List.of(
        new Point(left, top),
        new Point(right, top),
        new Point(right, bottom),
        new Point(left, bottom));
  }

  /** The largest distance of the ring's points from the box around it. */
  double boxTolerancePixels() {
    double width = (largest(xs) - least(xs)) * scaleX;
    double height = (largest(ys) - least(ys)) * scaleY;
    return Math.min(width, height) / 2;
  }

  private static int least(int[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static int largest(int[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }

  private static double square(double value) {
    return value * value;
  }
}
