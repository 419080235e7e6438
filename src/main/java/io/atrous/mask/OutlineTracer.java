package io.atrous.mask;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks around regions along pixel edges, region at the right hand: around its outside clockwise on
 * the screen, around its holes counter-clockwise. Where two pixels of a region meet in a corner
 * only, the walk crosses over to the other one. As the region hangs together by edges elsewhere,
 * that separates what lies on both sides of the corner: no walk meets itself, two walks meet in one
 * corner at most, and the rings make a valid polygon by the rules of OGC's Simple Features.
 *
 * <p><b>Threading:</b> confined to its owner; scratch memory is kept from mask to mask.
 */
final class OutlineTracer {

  private static final int RIGHT = 0;
  private static final int DOWN = 1;
  private static final int LEFT = 2;
  private static final int UP = 3;

  private int rowLength;
  // int32 [height + 2, width + 2] with a border of zeros: the pixel's region from 1, or 0.
  private int[] regions = new int[0];
  // Same shape: the walk has passed this pixel's left edge.
  private boolean[] passed = new boolean[0];
  private int[] xs = new int[256];
  private int[] ys = new int[256];

  /** Forgets the mask before and begins one without regions. */
  void begin(int width, int height) {
    rowLength = width + 2;
    int size = rowLength * (height + 2);
    if (regions.length < size) {
      regions = new int[size];
      passed = new boolean[size];
    } else {
      Arrays.fill(regions, 0, size, 0);
      Arrays.fill(passed, 0, size, false);
    }
  }

  /**
   * Says that a run of pixels belongs to a region.
   *
   * @param region the region, from 1
   */
  void mark(int row, int start, int end, int region) {
    int first = (row + 1) * rowLength + 1;
    Arrays.fill(regions, first + start, first + end, region);
  }

  /**
   * Walks around the region at the left edge of the pixel that begins a run, unless an earlier walk
   * came by there. The first walk around a region, in row order, is around its outside.
   *
   * @return null if this edge lies on a ring that is known already
   */
  @Nullable Ring trace(int row, int start) {
    int pixel = (row + 1) * rowLength + start + 1;
    if (passed[pixel]) {
      return null;
    }
    int region = regions[pixel];
    int corners = 0;
    int x = start;
    int y = row;
    int direction = UP;
    passed[pixel] = true; // the edge from (start, row + 1) up to (start, row)
    while (true) {
      int turned = turn(x, y, direction, region);
      if (turned != direction) {
        if (corners == xs.length) {
          xs = Arrays.copyOf(xs, 2 * corners);
          ys = Arrays.copyOf(ys, 2 * corners);
        }
        xs[corners] = x;
        ys[corners] = y;
        corners++;
        direction = turned;
      }
      switch (direction) {
        case RIGHT -> x++;
        case DOWN -> y++;
        case LEFT -> x--;
        default -> {
          y--;
          int passing = (y + 1) * rowLength + x + 1;
          if (passed[passing]) {
            return new Ring(Arrays.copyOf(xs, corners), Arrays.copyOf(ys, corners));
          }
          passed[passing] = true;
        }
      }
    }
  }

  /** Where the walk goes on from the corner (x, y). */
  private int turn(int x, int y, int direction, int region) {
    int below = (y + 1) * rowLength + x + 1; // the pixel right of and below the corner
    int above = below - rowLength;
    int aheadLeft;
    int aheadRight;
    switch (direction) {
      case RIGHT -> {
        aheadLeft = above;
        aheadRight = below;
      }
      case DOWN -> {
        aheadLeft = below;
        aheadRight = below - 1;
      }
      case LEFT -> {
        aheadLeft = below - 1;
        aheadRight = above - 1;
      }
      default -> {
        aheadLeft = above - 1;
        aheadRight = above;
      }
    }
    if (regions[aheadLeft] == region) {
      return (direction + 3) % 4;
    }
    return regions[aheadRight] == region ? direction : (direction + 1) % 4;
  }
}
