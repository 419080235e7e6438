package io.atrous.mask;

import java.util.Arrays;
import java.util.List;

/**
 * Makes a valid polygon, by the rules of OGC's Simple Features, of the simplified rings of one
 * region: where sides cross or touch, or a hole lies on the wrong side of another ring, the sides
 * that do are put nearer to the exact rings. Those are valid, so this ends.
 *
 * <p>Rings may meet in a corner that both keep, without crossing there. As exact rings of one
 * region meet in so few corners that its inside hangs together, so do simplified ones.
 *
 * <p>Everything is computed in mask coordinates, which are whole numbers, and thus exactly.
 *
 * <p><b>Threading:</b> confined to its owner; scratch memory is kept from polygon to polygon.
 */
final class RingRepair {

  private List<Ring> rings = List.of();

  // The sides, ring by ring in order: their rings, corners and ends, and which are new.
  private int count;
  private int[] firstOfRing = new int[2];
  private int[] ringOf = new int[64];
  private int[] froms = new int[64];
  private int[] tos = new int[64];
  private int[] fromXs = new int[64];
  private int[] fromYs = new int[64];
  private int[] toXs = new int[64];
  private int[] toYs = new int[64];
  private int[] rights = new int[64];
  private int[] tops = new int[64];
  private int[] bottoms = new int[64];
  private boolean[] fresh = new boolean[64];
  private boolean[] refined = new boolean[64];
  // Left ends and the sides' numbers, in order.
  private long[] byLeft = new long[64];
  private long[] freshByLeft = new long[64];

  /**
   * Puts corners back until the rings are valid.
   *
   * @param regionRings simplified: first the outside, then holes
   * @param maxPoints the most points that a ring may have
   * @return false if a ring needs more points than that; it has more of them now
   */
  boolean repair(List<Ring> regionRings, int maxPoints) {
    rings = regionRings;
    boolean mayBeInvalid = leavesOutCorners();
    while (mayBeInvalid) {
      for (Ring ring : rings) {
        if (ring.keptCount() > maxPoints) {
          return false;
        }
      }
      listSides();
      mayBeInvalid = refineCrossings() || refineMisplaced();
    }
    return true;
  }

  private boolean leavesOutCorners() {
    for (Ring ring : rings) {
      if (ring.keptCount() < ring.size()) {
        return true;
      }
    }
    return false;
  }

  private void listSides() {
    int sides = 0;
    for (Ring ring : rings) {
      sides += ring.keptCount();
    }
    ensureCapacity(sides);
    if (firstOfRing.length <= rings.size()) {
      firstOfRing = new int[2 * rings.size()];
    }
    count = 0;
    for (int index = 0; index < rings.size(); index++) {
      Ring ring = rings.get(index);
      firstOfRing[index] = count;
      for (int from = 0; from < ring.size(); from = tos[count - 1]) {
        int to = ring.keptAfter(from);
        ringOf[count] = index;
        froms[count] = from;
        tos[count] = to;
        fromXs[count] = ring.x(from);
        fromYs[count] = ring.y(from);
        toXs[count] = ring.x(to);
        toYs[count] = ring.y(to);
        rights[count] = Math.max(fromXs[count], toXs[count]);
        tops[count] = Math.min(fromYs[count], toYs[count]);
        bottoms[count] = Math.max(fromYs[count], toYs[count]);
        byLeft[count] = (long) Math.min(fromXs[count], toXs[count]) << Integer.SIZE | count;
        fresh[count] = ring.takeFresh(from);
        count++;
      }
    }
    firstOfRing[rings.size()] = count;
    Arrays.fill(refined, 0, count, false);
  }

  private void ensureCapacity(int sides) {
    if (sides > froms.length) {
      int capacity = Math.max(sides, 2 * froms.length);
      ringOf = new int[capacity];
      froms = new int[capacity];
      tos = new int[capacity];
      fromXs = new int[capacity];
      fromYs = new int[capacity];
      toXs = new int[capacity];
      toYs = new int[capacity];
      rights = new int[capacity];
      tops = new int[capacity];
      bottoms = new int[capacity];
      fresh = new boolean[capacity];
      refined = new boolean[capacity];
      byLeft = new long[capacity];
      freshByLeft = new long[capacity];
    }
  }

  /**
   * Finds sides that meet where they must not, from left to right, and refines them. Of two sides
   * at least one is new, since the others were looked at before.
   */
  private boolean refineCrossings() {
    Arrays.sort(byLeft, 0, count);
    int freshCount = 0;
    for (int i = 0; i < count; i++) {
      if (fresh[(int) byLeft[i]]) {
        freshByLeft[freshCount++] = byLeft[i];
      }
    }
    boolean any = false;
    int freshSoFar = 0;
    for (int i = 0; i < count; i++) {
      int side = (int) byLeft[i];
      if (fresh[side]) {
        freshSoFar++;
        any |= refineCrossings(side, byLeft, i + 1, count);
      } else {
        any |= refineCrossings(side, freshByLeft, freshSoFar, freshCount);
      }
    }
    return any;
  }

  /** Compares a side with others that begin no farther left than it does. */
  private boolean refineCrossings(int side, long[] others, int from, int to) {
    long behind = (rights[side] + 1L) << Integer.SIZE;
    int top = tops[side];
    int bottom = bottoms[side];
    boolean any = false;
    for (int i = from; i < to && others[i] < behind; i++) {
      int other = (int) others[i];
      if (tops[other] <= bottom
          && bottoms[other] >= top
          && (isShortcut(side) || isShortcut(other))
          && conflict(side, other)) {
        any |= refine(side);
        any |= refine(other);
      }
    }
    return any;
  }

  /** Returns true if the side leaves out corners. */
  private boolean isShortcut(int side) {
    return tos[side] - froms[side] > 1;
  }

  private boolean refine(int side) {
    if (refined[side]) {
      return false;
    }
    refined[side] = true;
    return rings.get(ringOf[side]).refine(froms[side], tos[side]);
  }

  /** Returns true if two sides, whose boxes meet, meet themselves in a way that isn't valid. */
  private boolean conflict(int side, int other) {
    boolean oneRing = ringOf[side] == ringOf[other];
    boolean before = after(side) == other;
    boolean behind = after(other) == side;
    if (before && behind) {
      return true; // the ring has two sides
    }
    if (oneRing && (before || behind)) {
      return before ? turnsBack(side, other) : turnsBack(other, side);
    }
    if (toXs[side] == fromXs[other] && toYs[side] == fromYs[other]) {
      return meetBadly(side, before(other));
    }
    if (fromXs[side] == toXs[other] && fromYs[side] == toYs[other]) {
      return meetBadly(before(side), other);
    }
    if (toXs[side] == toXs[other] && toYs[side] == toYs[other]) {
      return meetBadly(side, other);
    }
    if (fromXs[side] == fromXs[other] && fromYs[side] == fromYs[other]) {
      return meetBadly(before(side), before(other));
    }
    return straddles(side, other) && straddles(other, side);
  }

  private int after(int side) {
    int ring = ringOf[side];
    return side + 1 == firstOfRing[ring + 1] ? firstOfRing[ring] : side + 1;
  }

  private int before(int side) {
    int ring = ringOf[side];
    return side == firstOfRing[ring] ? firstOfRing[ring + 1] - 1 : side - 1;
  }

  /** Returns true if a ring goes back on the line it came by. */
  private boolean turnsBack(int side, int next) {
    return sameDirection(
        fromXs[side] - toXs[side],
        fromYs[side] - toYs[side],
        toXs[next] - fromXs[next],
        toYs[next] - fromYs[next]);
  }

  /**
   * Returns true if two rings, whose given sides end in a common corner, cross there or go on along
   * one line.
   */
  private boolean meetBadly(int side, int other) {
    int x = toXs[side];
    int y = toYs[side];
    int inX = fromXs[side] - x;
    int inY = fromYs[side] - y;
    int outX = toXs[after(side)] - x;
    int outY = toYs[after(side)] - y;
    int otherInX = fromXs[other] - x;
    int otherInY = fromYs[other] - y;
    int otherOutX = toXs[after(other)] - x;
    int otherOutY = toYs[after(other)] - y;
    return sameDirection(inX, inY, otherInX, otherInY)
        || sameDirection(inX, inY, otherOutX, otherOutY)
        || sameDirection(outX, outY, otherInX, otherInY)
        || sameDirection(outX, outY, otherOutX, otherOutY)
        || isBetween(inX, inY, outX, outY, otherInX, otherInY)
            != isBetween(inX, inY, outX, outY, otherOutX, otherOutY);
  }

  private static boolean sameDirection(int ax, int ay, int bx, int by) {
    return cross(ax, ay, bx, by) == 0 && (long) ax * bx + (long) ay * by > 0;
  }

  /** Returns true if one meets direction c when turning from a to b. */
  private static boolean isBetween(int ax, int ay, int bx, int by, int cx, int cy) {
    return cross(ax, ay, bx, by) > 0
        ? cross(ax, ay, cx, cy) > 0 && cross(cx, cy, bx, by) > 0
        : !(cross(bx, by, cx, cy) > 0 && cross(cx, cy, ax, ay) > 0);
  }

  private static long cross(int ax, int ay, int bx, int by) {
    return (long) ax * by - (long) ay * bx;
  }

  /** Returns true unless both ends of the other side lie on one side of this one's line. */
  private boolean straddles(int side, int other) {
    int alongX = toXs[side] - fromXs[side];
    int alongY = toYs[side] - fromYs[side];
    long from = cross(alongX, alongY, fromXs[other] - fromXs[side], fromYs[other] - fromYs[side]);
    long to = cross(alongX, alongY, toXs[other] - fromXs[side], toYs[other] - fromYs[side]);
    return Long.signum(from) * Long.signum(to) <= 0;
  }

  /** Finds rings, of which none cross, that turned over or changed sides, and refines them. */
  private boolean refineMisplaced() {
    boolean any = false;
    for (int ring = 0; ring < rings.size(); ring++) {
      if (isClockwise(ring) != rings.get(ring).isClockwise()) {
        for (int side = firstOfRing[ring]; side < firstOfRing[ring + 1]; side++) {
          any |= refine(side);
        }
      }
    }
    return refineSwallowing() || any;
  }

  private boolean isClockwise(int ring) {
    long twiceArea = 0;
    for (int side = firstOfRing[ring]; side < firstOfRing[ring + 1]; side++) {
      twiceArea += cross(fromXs[side], fromYs[side], toXs[side], toYs[side]);
    }
    return twiceArea > 0;
  }

  /**
   * Finds holes on the wrong side of another ring, and refines the sides that may have cut them
   * off.
   */
  private boolean refineSwallowing() {
    int witnesses = listWitnesses();
    boolean any = false;
    for (int side = 0; side < count; side++) {
      if (isShortcut(side) && witnesses > 0 && swallows(side, witnesses)) {
        any |= refine(side);
      }
    }
    return any;
  }

  /**
   * Lists two corners of each hole from left to right: a hole shares a corner at most with another
   * ring, so one of them tells on which side of it the hole lies.
   *
   * @return how many corners they are
   */
  private int listWitnesses() {
    int witnesses = 0;
    for (int hole = 1; hole < rings.size(); hole++) {
      for (int side = firstOfRing[hole]; side < firstOfRing[hole] + 2; side++) {
        byLeft[witnesses++] = (long) fromXs[side] << Integer.SIZE | side;
      }
    }
    Arrays.sort(byLeft, 0, witnesses);
    return witnesses;
  }

  /**
   * Returns true if a hole is on the wrong side of the ring, and in the box around the corners that
   * the side leaves out.
   */
  private boolean swallows(int side, int witnesses) {
    int ringIndex = ringOf[side];
    Ring ring = rings.get(ringIndex);
    int left = Integer.MAX_VALUE;
    int right = Integer.MIN_VALUE;
    int top = Integer.MAX_VALUE;
    int bottom = Integer.MIN_VALUE;
    for (int corner = froms[side]; corner <= tos[side]; corner++) {
      left = Math.min(left, ring.x(corner));
      right = Math.max(right, ring.x(corner));
      top = Math.min(top, ring.y(corner));
      bottom = Math.max(bottom, ring.y(corner));
    }
    int found = Arrays.binarySearch(byLeft, 0, witnesses, (long) left << Integer.SIZE);
    for (int i = found < 0 ? ~found : found; i < witnesses; i++) {
      int witness = (int) byLeft[i];
      if (fromXs[witness] > right) {
        return false;
      }
      if (top <= fromYs[witness]
          && fromYs[witness] <= bottom
          && ringOf[witness] != ringIndex
          && isMisplaced(fromXs[witness], fromYs[witness], ringIndex)) {
        return true;
      }
    }
    return false;
  }

  /** Returns true if a hole's corner is on the wrong side of another ring, not on it. */
  private boolean isMisplaced(int x, int y, int ring) {
    boolean belongsInside = ring == 0;
    return isInside(x, y, ring) != belongsInside && !isCorner(x, y, ring);
  }

  private boolean isCorner(int x, int y, int ring) {
    for (int side = firstOfRing[ring]; side < firstOfRing[ring + 1]; side++) {
      if (fromXs[side] == x && fromYs[side] == y) {
        return true;
      }
    }
    return false;
  }

  /** Counts the sides that a line to the left meets. */
  private boolean isInside(int x, int y, int ring) {
    boolean inside = false;
    for (int side = firstOfRing[ring]; side < firstOfRing[ring + 1]; side++) {
      if (fromYs[side] > y != toYs[side] > y) {
        long turn =
            cross(
                toXs[side] - fromXs[side],
                toYs[side] - fromYs[side],
                x - fromXs[side],
                y - fromYs[side]);
        inside ^= toYs[side] > fromYs[side] ? turn < 0 : turn > 0;
      }
    }
    return inside;
  }
}
