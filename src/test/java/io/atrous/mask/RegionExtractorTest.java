package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RegionExtractorTest {

  private static final RegionOptions EXACT = new RegionOptions(0, Integer.MAX_VALUE, 0, Set.of());

  @Test
  void findsEveryComponentOfEveryClassAndTheLargestFirst() {
    MaskRegions found = extract(EXACT, "1122", "1122", "..32", "1..2");

    assertThat(found.regions()).extracting(Region::classId).containsExactly(2, 1, 0, 3, 1);
    assertThat(found.regions()).extracting(Region::areaPixels).containsExactly(6L, 4L, 4L, 1L, 1L);
    assertThat(found.regions()).extracting(Region::index).containsExactly(0, 1, 2, 3, 4);
    assertThat(found.capped()).isFalse();
  }

  @Test
  void pixelsThatMeetInACornerOnlyAreApart() {
    assertThat(extract(EXACT, "1.", ".1").regions()).hasSize(4);
  }

  @Test
  void aRegionCanBeJoinedLate() {
    MaskRegions found = extract(EXACT, "1.1.1", "1.111", "1...1", "11111");

    assertThat(found.regions().get(0).classId()).isEqualTo(1);
    assertThat(found.regions().get(0).areaPixels()).isEqualTo(14);
  }

  @Test
  void measuresInPixelsOfTheFrame() {
    // A mask of 4x2 over a frame of 40x10: a mask pixel is 10x5 = 50 frame pixels.
    Mask mask = Masks.grid(".11.", ".1..");

    Region region =
        new RegionExtractor(new RegionOptions(0, 10, 0, Set.of(0)))
            .extract(mask, null, 40, 10)
            .regions()
            .get(0);

    assertThat(region.areaPixels()).isEqualTo(150);
    assertThat(region.areaFraction()).isEqualTo(3.0 / 8);
    assertThat(region.box()).isEqualTo(new Box(10, 0, 20, 10));
    assertThat(region.centroid().x()).isCloseTo(55.0 / 3, within(1e-9)); // (15 + 25 + 15) / 3
    assertThat(region.centroid().y()).isCloseTo(12.5 / 3, within(1e-9)); // (2.5 + 2.5 + 7.5) / 3
    assertThat(region.polygon().outer())
        .containsExactly(
            new Point(10, 0),
            new Point(30, 0),
            new Point(30, 5),
            new Point(20, 5),
            new Point(20, 10),
            new Point(10, 10));
    assertThat(region.polygon().holes()).isEmpty();
    assertThat(region.meanConfidence()).isNull();
  }

  @Test
  void areasAreRounded() {
    // One of 3x3 mask pixels of a 10x10 frame: 100 / 9 = 11.1; of a 4x4 frame: 16 / 9 = 1.8.
    Mask mask = Masks.grid("1..", "...", "...");
    RegionExtractor extractor = new RegionExtractor(new RegionOptions(0, 10, 0, Set.of(0)));

    assertThat(extractor.extract(mask, null, 10, 10).regions().get(0).areaPixels()).isEqualTo(11);
    assertThat(extractor.extract(mask, null, 4, 4).regions().get(0).areaPixels()).isEqualTo(2);
  }

  @Test
  void tellsHolesFromBays() {
    Region ring = extract(EXACT, "11111", "1.1.1", "11111", "1...1", "1.1.1").regions().get(0);

    assertThat(ring.classId()).isEqualTo(1);
    assertThat(ring.polygon().outer())
        .containsExactly(points(0, 0, 5, 0, 5, 5, 4, 5, 4, 3, 1, 3, 1, 5, 0, 5));
    assertThat(ring.polygon().holes()).hasSize(2);
    assertThat(ring.polygon().holes().get(0))
        .containsExactlyInAnyOrder(points(1, 1, 1, 2, 2, 2, 2, 1));
  }

  @Test
  void pixelsThatMeetInACornerOnlyAreTwoHoles() {
    Region region = extract(EXACT, "1111", "1.11", "11.1", "1111").regions().get(0);

    assertThat(region.polygon().holes())
        .containsExactly(
            List.of(points(2, 1, 1, 1, 1, 2, 2, 2)), List.of(points(3, 2, 2, 2, 2, 3, 3, 3)));
  }

  @Test
  void aBayThatACornerClosesIsAHole() {
    Region region = extract(EXACT, "111", "1.1", "11.").regions().get(0);

    assertThat(region.polygon().outer())
        .containsExactly(points(0, 0, 3, 0, 3, 2, 2, 2, 2, 3, 0, 3));
    assertThat(region.polygon().holes()).containsExactly(List.of(points(2, 1, 1, 1, 1, 2, 2, 2)));
  }

  @Test
  void anotherClassMakesAHoleToo() {
    MaskRegions found = extract(EXACT, "111", "121", "111");

    assertThat(found.regions().get(0).polygon().holes()).hasSize(1);
    assertThat(found.regions().get(1).classId()).isEqualTo(2);
  }

  @Test
  void saysWhichRegionsReachTheBorder() {
    MaskRegions found =
        extract(
            new RegionOptions(0, 10, 0, Set.of(0)),
            "..2...",
            "......",
            "...1.4",
            "......",
            "3.....");

    assertThat(found.regions())
        .extracting(Region::classId, Region::touchesBorder)
        .containsExactlyInAnyOrder(tuple(1, false), tuple(2, true), tuple(3, true), tuple(4, true));
  }

  @Test
  void leavesOutWhatIsSmallOrIgnoredOrNoClassAtAll() {
    // 2 of 16 pixels are 0.125.
    MaskRegions found =
        extract(new RegionOptions(0.125, 10, 0, Set.of(0)), "11.#", "...#", ".2.#", "333#");

    assertThat(found.regions()).extracting(Region::classId).containsExactly(3, 1);
    assertThat(found.capped()).isFalse();
    assertThat(found.classes())
        .containsExactly(
            new ClassPresence(0, 6, null),
            new ClassPresence(1, 2, null),
            new ClassPresence(2, 1, null),
            new ClassPresence(3, 3, null));
  }

  @Test
  void leavesOutSmallHolesAsItDoesSmallRegions() {
    String[] grid = {"11111", "1.111", "111..", "111..", "11111"};

    Region region = extract(new RegionOptions(2.0 / 25, 10, 0, Set.of()), grid).regions().get(0);

    assertThat(region.areaPixels()).isEqualTo(20);
    assertThat(region.polygon().holes()).isEmpty();
  }

  @Test
  void keepsTheLargestUpToTheCap() {
    MaskRegions found = extract(new RegionOptions(0, 2, 0, Set.of(0)), "1.22.333");

    assertThat(found.regions()).extracting(Region::classId).containsExactly(3, 2);
    assertThat(found.capped()).isTrue();
    assertThat(extract(new RegionOptions(0, 3, 0, Set.of(0)), "1.22.333").capped()).isFalse();
    assertThat(extract(new RegionOptions(0, 0, 0, Set.of(0)), "1.22.333").regions()).isEmpty();
  }

  @Test
  void ordersEqualAreasByTheirFirstPixel() {
    assertThat(extract(EXACT, "12", "34").regions())
        .extracting(Region::classId)
        .containsExactly(1, 2, 3, 4);
  }

  @Test
  void averagesConfidencePerRegionAndPerClass() {
    Mask labels = Masks.grid("1.1");
    Mask confidence = new Mask(3, 1, new byte[] {(byte) 255, 51, 0});

    MaskRegions found = new RegionExtractor(EXACT).extract(labels, confidence, 3, 1);

    assertThat(found.regions()).extracting(Region::meanConfidence).containsExactly(1f, 0.2f, 0f);
    assertThat(found.classes())
        .containsExactly(new ClassPresence(0, 1, 0.2f), new ClassPresence(1, 2, 0.5f));
  }

  @Test
  void agreesWithAFloodFill() {
    Random random = new Random(31);
    RegionExtractor extractor = new RegionExtractor(EXACT);
    for (int round = 0; round < 300; round++) {
      Mask mask = Masks.any(60, random);

      MaskRegions found = extractor.extract(mask, null, mask.width(), mask.height());

      List<List<Integer>> expected = floodFill(mask);
      assertThat(found.regions()).hasSameSizeAs(expected);
      for (Region region : found.regions()) {
        assertThat(pixelsOf(region, mask)).isEqualTo(expected.get(region.index()));
      }
    }
  }

  @Test
  void areasAndClassesSumUpToTheMask() {
    Random random = new Random(32);
    RegionExtractor extractor = new RegionExtractor(EXACT);
    for (int round = 0; round < 200; round++) {
      Mask mask = Masks.any(80, random);

      MaskRegions found = extractor.extract(mask, mask, mask.width(), mask.height());

      long pixels = (long) mask.width() * mask.height();
      assertThat(found.regions().stream().mapToLong(Region::areaPixels).sum()).isEqualTo(pixels);
      assertThat(found.regions().stream().mapToDouble(Region::areaFraction).sum())
          .isCloseTo(1, within(1e-9));
      assertThat(found.classes().stream().mapToLong(ClassPresence::pixelCount).sum())
          .isEqualTo(pixels);
    }
  }

  @Test
  void outlinesRunClockwiseAndHolesAgainstIt() {
    Random random = new Random(33);
    for (double tolerance : new double[] {0, 0.8, 3, 1000}) {
      RegionExtractor extractor =
          new RegionExtractor(new RegionOptions(0, Integer.MAX_VALUE, tolerance, Set.of()));
      for (int round = 0; round < 60; round++) {
        Mask mask = Masks.any(50, random);
        for (Region region : extractor.extract(mask, null, 640, 360).regions()) {
          assertThat(region.polygon().outer()).hasSizeGreaterThanOrEqualTo(3);
          assertThat(signedArea(region.polygon().outer())).isPositive();
          for (List<Point> hole : region.polygon().holes()) {
            assertThat(hole).hasSizeGreaterThanOrEqualTo(3);
            assertThat(signedArea(hole)).isNegative();
          }
        }
      }
    }
  }

  @Test
  void noPointOfAnExactOutlineIsFartherThanTheTolerance() {
    Random random = new Random(34);
    for (double tolerance : new double[] {0.3, 1, 4}) {
      RegionExtractor simplifying =
          new RegionExtractor(new RegionOptions(0, 20, tolerance, Set.of()));
      RegionExtractor exact = new RegionExtractor(new RegionOptions(0, 20, 0, Set.of()));
      for (int round = 0; round < 30; round++) {
        Mask mask = Masks.any(60, random);
        List<Region> simplified = simplifying.extract(mask, null, 200, 100).regions();
        List<Region> outlines = exact.extract(mask, null, 200, 100).regions();
        for (int index = 0; index < outlines.size(); index++) {
          Polygon polygon = simplified.get(index).polygon();
          assertThat(polygon.tolerancePixels())
              .isEqualTo(tolerance * Math.max(200.0 / mask.width(), 100.0 / mask.height()));
          List<List<Point>> rings = rings(polygon);
          List<List<Point>> exactRings = rings(outlines.get(index).polygon());
          assertThat(rings).hasSameSizeAs(exactRings);
          for (int ring = 0; ring < rings.size(); ring++) {
            assertThat(farthest(exactRings.get(ring), rings.get(ring)))
                .isLessThanOrEqualTo(polygon.tolerancePixels() + 1e-9);
          }
        }
      }
    }
  }

  @Test
  void simplifyingAStaircaseLeavesItsSlope() {
    Mask mask =
        Masks.grid(
            "1.......",
            "11......",
            "111.....",
            "1111....",
            "11111...",
            "111111..",
            "1111111.",
            "11111111");

    Region region =
        new RegionExtractor(new RegionOptions(0, 1, 1, Set.of(0)))
            .extract(mask, null, 8, 8)
            .regions()
            .get(0);

    assertThat(region.polygon().outer()).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void oneExtractorServesMasksOfAllSizes() {
    RegionExtractor extractor = new RegionExtractor(EXACT);
    Random random = new Random(35);
    for (int round = 0; round < 50; round++) {
      Mask mask = Masks.any(70, random);
      assertThat(extractor.extract(mask, null, 100, 100))
          .isEqualTo(new RegionExtractor(EXACT).extract(mask, null, 100, 100));
    }
  }

  @Test
  void refusesConfidenceOfAnotherSize() {
    assertThatThrownBy(
            () -> new RegionExtractor(EXACT).extract(Masks.grid("11"), Masks.grid("1"), 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void optionsRefuseWhatMakesNoSense() {
    assertThatThrownBy(() -> new RegionOptions(-0.1, 1, 0, Set.of()))
        .hasMessageContaining("minimum area");
    assertThatThrownBy(() -> new RegionOptions(Double.NaN, 1, 0, Set.of()))
        .hasMessageContaining("minimum area");
    assertThatThrownBy(() -> new RegionOptions(0, -1, 0, Set.of())).hasMessageContaining("cap");
    assertThatThrownBy(() -> new RegionOptions(0, 1, -1, Set.of()))
        .hasMessageContaining("tolerance");
    assertThatThrownBy(() -> new RegionOptions(0, 1, 0, Set.of(256)))
        .hasMessageContaining("class indices");
  }

  private static MaskRegions extract(RegionOptions options, String... grid) {
    Mask mask = Masks.grid(grid);
    return new RegionExtractor(options).extract(mask, null, mask.width(), mask.height());
  }

  private static Point[] points(int... coordinates) {
    Point[] points = new Point[coordinates.length / 2];
    for (int at = 0; at < points.length; at++) {
      points[at] = new Point(coordinates[2 * at], coordinates[2 * at + 1]);
    }
    return points;
  }

  private static List<List<Point>> rings(Polygon polygon) {
    List<List<Point>> rings = new ArrayList<>();
    rings.add(polygon.outer());
    rings.addAll(polygon.holes());
    return rings;
  }

  /** The components' pixels, by falling area, then by first pixel. */
  private static List<List<Integer>> floodFill(Mask mask) {
    int width = mask.width();
    boolean[] seen = new boolean[mask.values().length];
    List<List<Integer>> components = new ArrayList<>();
    for (int start = 0; start < seen.length; start++) {
      if (seen[start]) {
        continue;
      }
      List<Integer> pixels = new ArrayList<>();
      Deque<Integer> open = new ArrayDeque<>();
      open.add(start);
      seen[start] = true;
      while (!open.isEmpty()) {
        int pixel = open.remove();
        pixels.add(pixel);
        int x = pixel % width;
        for (int next :
            new int[] {
              x > 0 ? pixel - 1 : -1, x < width - 1 ? pixel + 1 : -1, pixel - width, pixel + width
            }) {
          if (next >= 0
              && next < seen.length
              && !seen[next]
              && mask.values()[next] == mask.values()[start]) {
            seen[next] = true;
            open.add(next);
          }
        }
      }
      pixels.sort(null);
      components.add(pixels);
    }
    components.sort(Comparator.comparing((List<Integer> pixels) -> -pixels.size()));
    return components;
  }

  /** The pixels whose centres lie inside the outline, by counting crossings to their left. */
  private static List<Integer> pixelsOf(Region region, Mask mask) {
    List<Integer> pixels = new ArrayList<>();
    for (int y = 0; y < mask.height(); y++) {
      int[] crossings = new int[mask.width() + 1];
      for (List<Point> ring : rings(region.polygon())) {
        for (int at = 0; at < ring.size(); at++) {
          Point from = ring.get(at);
          Point to = ring.get((at + 1) % ring.size());
          if (from.y() > y + 0.5 != to.y() > y + 0.5) {
            crossings[(int) from.x()]++;
          }
        }
      }
      int passed = 0;
      for (int x = 0; x < mask.width(); x++) {
        passed += crossings[x];
        if (passed % 2 == 1) {
          pixels.add(y * mask.width() + x);
        }
      }
    }
    return pixels;
  }

  private static double signedArea(List<Point> ring) {
    double twice = 0;
    for (int at = 0; at < ring.size(); at++) {
      Point from = ring.get(at);
      Point to = ring.get((at + 1) % ring.size());
      twice += from.x() * to.y() - to.x() * from.y();
    }
    return twice / 2;
  }

  /** The largest distance of a point of one ring, sampled, from the other ring. */
  private static double farthest(List<Point> exact, List<Point> simplified) {
    double farthest = 0;
    for (int at = 0; at < exact.size(); at++) {
      Point from = exact.get(at);
      Point to = exact.get((at + 1) % exact.size());
      for (double share : new double[] {0, 0.25, 0.5, 0.75}) {
        double x = from.x() + share * (to.x() - from.x());
        double y = from.y() + share * (to.y() - from.y());
        double nearest = Double.POSITIVE_INFINITY;
        for (int side = 0; side < simplified.size(); side++) {
          nearest =
              Math.min(
                  nearest,
                  distance(
                      x, y, simplified.get(side), simplified.get((side + 1) % simplified.size())));
        }
        farthest = Math.max(farthest, nearest);
      }
    }
    return farthest;
  }

  private static double distance(double x, double y, Point from, Point to) {
    double alongX = to.x() - from.x();
    double alongY = to.y() - from.y();
    double share =
        ((x - from.x()) * alongX + (y - from.y()) * alongY) / (alongX * alongX + alongY * alongY);
    double clamped = Math.max(0, Math.min(1, share));
    return Math.hypot(x - from.x() - clamped * alongX, y - from.y() - clamped * alongY);
  }

  @Test
  void polygonsHaveNoMorePointsThanTheirCapAndSaySo() {
    Random random = new Random(35);
    for (int cap : new int[] {4, 5, 9, 40}) {
      RegionExtractor capped =
          new RegionExtractor(new RegionOptions(0, 50, 0.5, cap, Integer.MAX_VALUE, Set.of()));
      RegionExtractor exact = new RegionExtractor(new RegionOptions(0, 50, 0, Set.of()));
      RegionExtractor free = new RegionExtractor(new RegionOptions(0, 50, 0.5, Set.of()));
      for (int round = 0; round < 60; round++) {
        Mask mask = Masks.any(60, random);
        List<Region> regions = capped.extract(mask, null, 200, 100).regions();
        List<Region> outlines = exact.extract(mask, null, 200, 100).regions();
        List<Region> uncapped = free.extract(mask, null, 200, 100).regions();
        for (int index = 0; index < regions.size(); index++) {
          Polygon polygon = regions.get(index).polygon();
          assertThat(points(polygon)).isLessThanOrEqualTo(cap);
          assertThat(signedArea(polygon.outer())).isPositive();
          assertThat(polygon.holes()).allMatch(hole -> signedArea(hole) < 0);
          if (polygon.capped()) {
            assertThat(points(uncapped.get(index).polygon())).isGreaterThan(cap);
          } else {
            assertThat(polygon.tolerancePixels())
                .isEqualTo(uncapped.get(index).polygon().tolerancePixels());
          }
          assertThat(farthest(outlines.get(index).polygon().outer(), polygon.outer()))
              .isLessThanOrEqualTo(polygon.tolerancePixels() + 1e-9);
        }
      }
    }
  }

  @Test
  void ofTooManyHolesTheLargestAreKept() {
    MaskRegions found =
        extract(
            new RegionOptions(0, 10, 0, 12, 100, Set.of(2)),
            "1111111111",
            "1211221121",
            "1111221111",
            "1111111111");

    Polygon polygon = found.regions().get(0).polygon();
    assertThat(polygon.capped()).isTrue();
    assertThat(polygon.holes()).hasSize(2);
    assertThat(polygon.holes().get(0)).contains(new Point(4, 1), new Point(6, 3));
    assertThat(found.capped()).as("no region is left out").isFalse();
  }

  @Test
  void ofAllPointsTheLargestRegionsGetTheirs() {
    RegionOptions options = new RegionOptions(0, 10, 0, 4, 8, Set.of(0));

    MaskRegions found = extract(options, "1.22.333");

    assertThat(found.regions()).extracting(Region::classId).containsExactly(3, 2);
    assertThat(found.capped()).isTrue();
    assertThat(extract(options, "1.22....").capped()).isFalse();
  }

  @Test
  void noiseYieldsWhatTheCapsAllowAndNoMore() {
    Random random = new Random(36);
    byte[] noise = new byte[513 * 513];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) random.nextInt(21);
    }

    MaskRegions found =
        new RegionExtractor(new RegionOptions(0, 256, 1, 1_024, 32_768, Set.of()))
            .extract(new Mask(513, 513, noise), null, 1920, 1080);

    assertThat(found.regions()).hasSize(256);
    assertThat(found.capped()).isTrue();
    assertThat(found.regions().stream().mapToInt(region -> points(region.polygon())).sum())
        .isLessThanOrEqualTo(32_768);
  }

  @Test
  void aSpongeKeepsItsCap() {
    // One region with holes at every other pixel: 65 thousand rings.
    byte[] sponge = new byte[513 * 513];
    for (int i = 0; i < sponge.length; i++) {
      sponge[i] = (byte) ((i % 513) % 2 == 1 && (i / 513) % 2 == 1 ? 2 : 1);
    }

    Region region =
        new RegionExtractor(new RegionOptions(0, 1, 0, 1_024, 32_768, Set.of(2)))
            .extract(new Mask(513, 513, sponge), null, 513, 513)
            .regions()
            .get(0);

    assertThat(points(region.polygon())).isBetween(1_000, 1_024);
    assertThat(region.polygon().capped()).isTrue();
  }

  private static int points(Polygon polygon) {
    return polygon.outer().size() + polygon.holes().stream().mapToInt(List::size).sum();
  }
}
