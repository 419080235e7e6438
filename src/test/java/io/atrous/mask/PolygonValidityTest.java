package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Polygons of all kinds of masks, at every tolerance, with every cap. */
final class PolygonValidityTest {

  private static final double[] TOLERANCES = {0, 0.5, 1, 2, 3, 8, 1000};
  private static final int[] CAPS = {4, 7, 30, 1_024, Integer.MAX_VALUE};

  /** How many polygons of each kind are judged; {@code -Dpolygons=100000} for a long run. */
  private static final int POLYGONS = Integer.getInteger("polygons", 2_000);

  /** Kinds of masks, each with another way to get rings into trouble. */
  enum Kind {
    SPARSE_NOISE,
    DENSE_NOISE,
    EVEN_NOISE,
    NOISE_OF_CLASSES,
    BLOBS,
    SPECKLED_BLOBS,
    STRIPES,
    SPIRAL,
    CHECKERBOARD,
    DIAGONALS,
    SPONGE,
    COMB,
    ROUGH_DISCS,
    SINGLE_PIXELS;

    Mask draw(Random random) {
      int width = 1 + random.nextInt(48);
      int height = 1 + random.nextInt(48);
      return switch (this) {
        case SPARSE_NOISE -> binary(width, height, (x, y) -> random.nextInt(100) < 35);
        case DENSE_NOISE -> binary(width, height, (x, y) -> random.nextInt(100) < 65);
        case EVEN_NOISE -> binary(width, height, (x, y) -> random.nextBoolean());
        case NOISE_OF_CLASSES -> Masks.noise(width, height, 2 + random.nextInt(3), random);
        case BLOBS -> Masks.blobs(width, height, 2, 2 + random.nextInt(9), random);
        case SPECKLED_BLOBS ->
            Masks.speckled(width, height, 2, 2 + random.nextInt(9), 1 + random.nextInt(9), random);
        case STRIPES ->
            Masks.stripes(width, height, 2, 1 + random.nextInt(4), random.nextInt(9) - 4);
        case SPIRAL -> spiral(width, height, 1 + random.nextInt(3));
        case CHECKERBOARD -> {
          int cell = 1 + random.nextInt(3);
          int flaws = random.nextInt(30);
          yield binary(
              width,
              height,
              (x, y) -> (x / cell + y / cell) % 2 == 0 ^ random.nextInt(100) < flaws);
        }
        case DIAGONALS -> {
          int every = 2 + random.nextInt(5);
          int thick = 1 + random.nextInt(every);
          yield binary(
              width,
              height,
              (x, y) -> Math.floorMod(x - y, every) < thick ^ random.nextInt(100) < 4);
        }
        case SPONGE -> {
          int every = 2 + random.nextInt(3);
          yield binary(
              width,
              height,
              (x, y) -> !(x % every == 1 && y % every == 1) ^ random.nextInt(100) < 8);
        }
        case COMB -> {
          int teeth = 2 + random.nextInt(3);
          int back = random.nextInt(height);
          yield binary(
              width, height, (x, y) -> y == back || x % teeth == 0 || random.nextInt(9) == 0);
        }
        case ROUGH_DISCS -> {
          int radius = 1 + random.nextInt(24);
          int rough = 1 + random.nextInt(150);
          yield binary(
              width,
              height,
              (x, y) -> {
                int dx = x % (2 * radius) - radius;
                int dy = y % (2 * radius) - radius;
                return dx * dx + dy * dy + random.nextInt(rough) < radius * radius;
              });
        }
        case SINGLE_PIXELS -> binary(width, height, (x, y) -> random.nextInt(40) == 0);
      };
    }

    private interface Pixels {
      boolean get(int x, int y);
    }

    private static Mask binary(int width, int height, Pixels pixels) {
      byte[] values = new byte[width * height];
      for (int i = 0; i < values.length; i++) {
        values[i] = (byte) (pixels.get(i % width, i / width) ? 1 : 0);
      }
      return new Mask(width, height, values);
    }

    /** Walks inwards, as many pixels wide as the gap between two turns. */
    private static Mask spiral(int width, int height, int thick) {
      return binary(
          width,
          height,
          (x, y) -> {
            int shell = Math.min(Math.min(x, y), Math.min(width - 1 - x, height - 1 - y)) / thick;
            boolean step = x < thick * (shell + 1) && y / thick == shell + 1;
            return shell % 2 == 0 ^ step;
          });
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPolygonIsValidWhateverTheTolerance(Kind kind) {
    Random random = new Random(kind.name().hashCode());
    int judged = 0;
    for (int round = 0; judged < POLYGONS; round++) {
      RegionOptions options =
          new RegionOptions(
              random.nextInt(3) == 0 ? 0.002 : 0,
              40,
              TOLERANCES[round % TOLERANCES.length],
              CAPS[random.nextInt(CAPS.length)],
              Integer.MAX_VALUE,
              Set.of());
      Mask mask = kind.draw(random);
      int frameWidth = 1 + random.nextInt(2_000);
      int frameHeight = 1 + random.nextInt(2_000);
      List<Region> regions =
          new RegionExtractor(options).extract(mask, null, frameWidth, frameHeight).regions();
      for (Region region : regions) {
        OgcPolygons.assertValid(
            region.polygon(),
            () -> "%s at %dx%d:%n%s".formatted(options, frameWidth, frameHeight, Masks.text(mask)));
        judged++;
      }
    }
  }

  @Test
  void noiseOfFullSizeIsValidWithinTheCaps() {
    Mask mask = Masks.noise(513, 513, 2, new Random(122));
    for (double tolerance : TOLERANCES) {
      MaskRegions found =
          new RegionExtractor(new RegionOptions(0, 256, tolerance, 1_024, 32_768, Set.of()))
              .extract(mask, null, 1920, 1080);

      assertThat(found.regions())
          .isNotEmpty()
          .allSatisfy(
              region -> OgcPolygons.assertValid(region.polygon(), () -> "noise, " + tolerance));
    }
  }
}
