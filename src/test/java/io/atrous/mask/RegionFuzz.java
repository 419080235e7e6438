package io.atrous.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.fuzz.FuzzTarget;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whatever a mask holds: valid polygons within the cap. An input is three bytes that say the
 * options and the width, and then the mask.
 */
public final class RegionFuzz implements FuzzTarget {

  private static final int OPTION_BYTES = 3;
  private static final int CLASSES = 3;
  private static final int MAX_PIXELS = 1 << 12;

  @Override
  public String name() {
    return "regions";
  }

  @Override
  public List<byte[]> seeds() {
    Random random = new Random(52);
    return Stream.of(
            Masks.blobs(31, 23, CLASSES, 5, random),
            Masks.stripes(31, 23, 2, 3, 1),
            Masks.noise(31, 23, 2, random),
            Masks.speckled(31, 23, 2, 7, 9, random))
        .map(mask -> input(random, mask))
        .toList();
  }

  private static byte[] input(Random random, Mask mask) {
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    input.write(random.nextInt());
    input.write(random.nextInt());
    input.write(mask.width());
    input.writeBytes(mask.values());
    return input.toByteArray();
  }

  @Override
  public boolean reads(byte[] input) {
    int width = input.length > OPTION_BYTES ? Byte.toUnsignedInt(input[2]) : 0;
    int height = width == 0 ? 0 : Math.min(input.length - OPTION_BYTES, MAX_PIXELS) / width;
    if (height == 0) {
      return false;
    }
    byte[] labels = new byte[width * height];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) Math.floorMod(input[OPTION_BYTES + i], CLASSES);
    }
    Mask mask = new Mask(width, height, labels);
    double tolerance = Byte.toUnsignedInt(input[0]) / 16.0;
    int maxPoints = RegionOptions.MIN_POINTS + Byte.toUnsignedInt(input[1]);
    RegionOptions options =
        new RegionOptions(0, 50, tolerance, maxPoints, Integer.MAX_VALUE, Set.of());

    MaskRegions found = new RegionExtractor(options).extract(mask, null, 1920, 1080);

    for (Region region : found.regions()) {
      Polygon polygon = region.polygon();
      OgcPolygons.assertValid(polygon, () -> options + "\n" + Masks.text(mask));
      assertThat(polygon.outer().size() + polygon.holes().stream().mapToInt(List::size).sum())
          .isLessThanOrEqualTo(maxPoints);
    }
    return true;
  }
}
