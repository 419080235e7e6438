package io.atrous.dataset.scene;

import static io.atrous.dataset.scene.StreetClass.PAVEMENT;
import static io.atrous.dataset.scene.StreetClass.ROAD;
import static io.atrous.dataset.scene.StreetClass.VEGETATION;

import java.util.ArrayList;
import java.util.List;

/** The flat surfaces that the street stands on: asphalt, pavement, grass. */
final class Ground {

  private static final double BEHIND = -6;
  private static final double BEYOND = 3000;
  private static final double OUTSIDE = 1500;

  private Ground() {}

  static List<Surface> of(Street street) {
    List<Surface> surfaces = new ArrayList<>();
    surfaces.add(
        Surface.ground(
            ROAD.index(),
            street.left().x(street.left().kerb()),
            street.right().x(street.right().kerb()),
            BEHIND,
            BEYOND,
            asphalt(street)));
    for (Street.Side side : List.of(street.left(), street.right())) {
      SplittableHash hash = side.hash();
      if (side.hasVerge()) {
        surfaces.add(strip(VEGETATION, side, side.kerb(), side.verge(), grass(hash)));
      }
      surfaces.add(strip(PAVEMENT, side, side.verge(), side.pavement(), slabs(hash, side)));
      boolean green = hash.chance("green", 0.5);
      Material outside = green ? grass(hash.child("outside")) : slabs(hash.child("yard"), side);
      surfaces.add(strip(green ? VEGETATION : PAVEMENT, side, side.pavement(), OUTSIDE, outside));
    }
    return surfaces;
  }

  private static Surface strip(
      StreetClass label, Street.Side side, double inner, double outer, Material material) {
    double a = side.x(inner);
    double b = side.x(outer);
    return Surface.ground(label.index(), Math.min(a, b), Math.max(a, b), BEHIND, BEYOND, material);
  }

  private static Material asphalt(Street street) {
    SplittableHash hash = street.hash().child("asphalt");
    int seed = hash.seed();
    double base = hash.uniform("albedo", 0.13, 0.36);
    double warm = hash.uniform("warmth", -0.05, 0.06);
    Colour tar = new Colour(base * (1 + warm), base, base * (1 - warm));
    Colour paint = Colour.grey(hash.uniform("paint", 0.55, 0.8));
    double dashes = hash.uniform("dashes", 4, 12);
    boolean edges = hash.chance("edges", 0.5);
    boolean middle = hash.chance("middle", 0.8);
    double wear = hash.uniform("wear", 0.25, 0.6);
    double lane = street.laneMetres();
    double outermost = street.lanes() * lane;
    double crossing = street.crossing();
    return fragment -> {
      double x = fragment.u;
      double z = fragment.v;
      double stains = Noise.fractal(seed, x * 0.45, z * 0.16);
      double grain = Noise.smooth(seed + 7, x * 14, z * 14) - 0.5;
      double patch = Noise.cell(seed + 9, Noise.floor(x / 2.3), Noise.floor(z / 5.1));
      double brightness =
          (0.75 + 0.5 * stains)
              * (1 + 0.35 * grain * fragment.detail(0.07))
              * (patch < 0.1 ? 0.78 : 1);
      fragment.paint(tar, brightness);
      double off = Math.abs(x);
      boolean painted;
      if (z > crossing && z < crossing + 3.2 && crossing > 0) {
        painted = off < outermost && Noise.fraction(x / 1.05) < 0.5;
      } else {
        boolean dashed = Noise.fraction(z / dashes) < 0.45;
        double width = Math.max(0.07, 0.35 * fragment.pixelMetres);
        boolean centre = middle && off < width && dashed;
        boolean divider = street.lanes() == 2 && Math.abs(off - lane) < width && dashed;
        boolean edge = edges && Math.abs(off - outermost) < width;
        painted = centre || divider || edge;
      }
      if (painted && Noise.fractal(seed + 3, x * 3, z * 3) > wear - 0.15) {
        fragment.paint(paint, 0.85 + 0.3 * grain);
      }
      return true;
    };
  }

  private static Material slabs(SplittableHash hash, Street.Side side) {
    int seed = hash.seed();
    double base = hash.uniform("slab albedo", 0.2, 0.5);
    Colour stone =
        switch (hash.below("stone", 5)) {
          case 0 -> Colour.hsv(0.03, hash.uniform("red", 0.15, 0.5), base);
          case 1 -> Colour.hsv(0.1, hash.uniform("sand", 0.1, 0.35), base);
          case 2 -> Colour.hsv(0.6, 0.07, base);
          default -> Colour.grey(base);
        };
    double size = hash.uniform("size", 0.3, 1.1);
    double length = size * (hash.chance("oblong", 0.5) ? 2 : 1);
    Colour kerb = Colour.grey(hash.uniform("kerb", 0.3, 0.6));
    return fragment -> {
      double x = Math.abs(fragment.u);
      double z = fragment.v;
      double stains = Noise.fractal(seed, x * 0.6, z * 0.3);
      if (!side.hasVerge() && x < side.kerb() + 0.22) {
        fragment.paint(kerb, 0.8 + 0.3 * stains);
        return true;
      }
      double near = fragment.detail(0.12);
      double row = x / size;
      double column = z / length + 0.5 * (Noise.floor(row) & 1);
      double tile = Noise.cell(seed + 5, Noise.floor(row), Noise.floor(column)) - 0.5;
      double brightness = (0.8 + 0.4 * stains) * (1 + 0.25 * tile * fragment.detail(size));
      boolean joint = Noise.fraction(row) * size < 0.035 || Noise.fraction(column) * length < 0.035;
      if (joint) {
        brightness *= 1 - 0.4 * near;
      }
      double grain = Noise.smooth(seed + 6, x * 16, z * 16) - 0.5;
      fragment.paint(stone, brightness * (1 + 0.2 * grain * near));
      return true;
    };
  }

  private static Material grass(SplittableHash hash) {
    int seed = hash.child("grass").seed();
    Colour lush =
        Colour.hsv(
            hash.uniform("grass hue", 0.17, 0.3),
            hash.uniform("grass saturation", 0.3, 0.7),
            hash.uniform("grass value", 0.14, 0.34));
    Colour dry = Colour.hsv(0.12, 0.4, hash.uniform("dry", 0.2, 0.36));
    double bare = hash.uniform("bare", 0, 0.9);
    return fragment -> {
      double x = fragment.u;
      double z = fragment.v;
      double worn = bare * Noise.fractal(seed, x * 0.5, z * 0.5);
      double blades = Noise.smooth(seed + 1, x * 11, z * 7) - 0.5;
      double tufts = Noise.smooth(seed + 2, x * 2.2, z * 2.2) - 0.5;
      double brightness = 1 + 0.9 * blades * fragment.detail(0.13) + 0.5 * tufts;
      fragment.red = (lush.red() + (dry.red() - lush.red()) * worn) * brightness;
      fragment.green = (lush.green() + (dry.green() - lush.green()) * worn) * brightness;
      fragment.blue = (lush.blue() + (dry.blue() - lush.blue()) * worn) * brightness;
      return true;
    };
  }
}
