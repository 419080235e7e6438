package io.atrous.mask;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The exact rings of a region as they are found: first its outside, then its holes.
 *
 * <p><b>Threading:</b> confined to its owner.
 */
final class Outline {

  private final List<Ring> rings = new ArrayList<>(1);

  /** Takes the next ring, unless it is a hole that is smaller than the minimum in mask pixels. */
  void add(Ring ring, double minArea) {
    if (rings.isEmpty() || -ring.signedArea() >= minArea) {
      rings.add(ring);
    }
  }

  /** How many rings there are. */
  int size() {
    return rings.size();
  }

  /** The outside and the holes: if that is too many rings, the largest by falling area. */
  List<Ring> largest(int maxRings) {
    return rings.size() <= maxRings ? rings : byArea(rings).subList(0, maxRings);
  }

  /** The outside and the holes: if they have too many points, the largest by falling area. */
  static List<Ring> largestWithin(List<Ring> rings, int maxPoints) {
    int fitting = fitting(rings, maxPoints);
    if (fitting == rings.size()) {
      return rings;
    }
    List<Ring> largest = byArea(rings);
    return largest.subList(0, fitting(largest, maxPoints));
  }

  /** How many rings, from the first, have no more points than that together. */
  private static int fitting(List<Ring> rings, int maxPoints) {
    long points = 0;
    for (int count = 0; count < rings.size(); count++) {
      points += rings.get(count).keptCount();
      if (points > maxPoints) {
        return count;
      }
    }
    return rings.size();
  }

  /** By falling area; a region's outside encloses more than its holes. */
  private static List<Ring> byArea(List<Ring> rings) {
    return rings.stream()
        .sorted(Comparator.comparingDouble((Ring ring) -> Math.abs(ring.signedArea())).reversed())
        .toList();
  }
}
