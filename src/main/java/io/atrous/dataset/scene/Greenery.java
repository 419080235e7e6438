package io.atrous.dataset.scene;

import static io.atrous.dataset.scene.StreetClass.VEGETATION;

import java.util.ArrayList;
import java.util.List;

/**
 * Trees along the kerb and in gardens, hedges before houses, a wood behind the end of the street.
 *
 * @param surfaces what is seen of it
 * @param shadows what it keeps from the ground
 */
record Greenery(List<Surface> surfaces, List<ShadowCaster> shadows) {

  static Greenery of(Street street, Buildings buildings, Viewpoint view, SplittableHash hash) {
    Greenery greenery = new Greenery(new ArrayList<>(), new ArrayList<>());
    for (int sign = -1; sign <= 1; sign += 2) {
      Street.Side side = street.side(sign);
      SplittableHash here = hash.child(sign);
      if (here.chance("avenue", side.hasVerge() ? 0.85 : 0.3)) {
        double distance = side.hasVerge() ? 0.5 * (side.kerb() + side.verge()) : side.kerb() + 0.6;
        greenery.avenue(side, distance, view, here.child("avenue"));
      }
      if (side.hasGarden()) {
        greenery.gardens(side, view, here.child("gardens"));
      }
    }
    int lot = 0;
    for (Buildings.Gap gap : buildings.gaps()) {
      greenery.copse(gap, view, hash.child("copse").child(lot++));
    }
    greenery.wood(view, hash.child("wood"));
    return greenery;
  }

  private void avenue(Street.Side side, double distance, Viewpoint view, SplittableHash hash) {
    double spacing = hash.uniform("spacing", 7, 18);
    int index = 0;
    for (double z = hash.uniform("first", 5, 16); z < Street.END_METRES; z += spacing) {
      SplittableHash here = hash.child(index++);
      if (!here.chance("felled", 0.15)) {
        double at = z + here.uniform("off", -1, 1);
        tree(side.x(distance), at, here.uniform("height", 4.5, 9.5), view, hash, here);
      }
    }
  }

  private void gardens(Street.Side side, Viewpoint view, SplittableHash hash) {
    double height = hash.uniform("hedge", 0.6, 1.6);
    double x = side.x(side.pavement() + 0.15);
    int lot = 0;
    for (double z = 2; z < Street.END_METRES; lot++) {
      SplittableHash here = hash.child(lot);
      double end = z + here.uniform("length", 4, 16);
      if (here.chance("planted", 0.55)) {
        hedge(side, x, z, end, height, hash);
      }
      if (here.chance("tree", 0.25)) {
        double distance = 0.5 * (side.pavement() + side.facade());
        tree(side.x(distance), end + 1, here.uniform("tall", 3, 7), view, here, here);
      }
      z = end + here.uniform("gate", 1, 3);
    }
  }

  private void copse(Buildings.Gap gap, Viewpoint view, SplittableHash hash) {
    int trees = hash.below("trees", 5);
    for (int i = 0; i < trees; i++) {
      SplittableHash here = hash.child(i);
      double z = here.uniform("z", gap.z0(), gap.z1());
      double distance = gap.side().facade() + here.uniform("distance", 1, 14);
      if (z > 6) {
        tree(gap.side().x(distance), z, here.uniform("height", 4, 12), view, here, here);
      }
    }
  }

  private void wood(Viewpoint view, SplittableHash hash) {
    int trees = hash.below("trees", 14);
    for (int i = 0; i < trees; i++) {
      SplittableHash here = hash.child(i);
      double z = Street.END_METRES + here.uniform("z", 2, 30);
      tree(here.uniform("x", -50, 50), z, here.uniform("height", 6, 17), view, hash, here);
    }
  }

  private void hedge(
      Street.Side side, double x, double z0, double z1, double height, SplittableHash kind) {
    Colour leaf = leaf(kind);
    Material front = thicket(kind.seed(), leaf, height);
    double back = x + side.sign() * 0.7;
    int label = VEGETATION.index();
    surfaces.add(Surface.along(label, x, z0, z1, 0, height, -side.sign(), front));
    surfaces.add(Surface.across(label, z0, Math.min(x, back), Math.max(x, back), 0, height, front));
    Material top = thicket(kind.seed() + 11, leaf, 1e9);
    surfaces.add(
        new Surface(
            label,
            new Vec(0, height - 0.08, 0),
            Surface.ACROSS,
            Surface.ALONG,
            Surface.rectangle(Math.min(x, back), Math.max(x, back), z0, z1),
            Surface.UP,
            false,
            top));
    shadows.add(
        new ShadowCaster(
            new Vec(0.5 * (x + back), 0.5 * height, 0.5 * (z0 + z1)),
            new Vec(0.35, 0.5 * height, 0.5 * (z1 - z0)),
            false));
  }

  /**
   * @param kind what the trees of a row have in common
   * @param hash what is this tree's own
   */
  private void tree(
      double x, double z, double height, Viewpoint view, SplittableHash kind, SplittableHash hash) {
    Vec eye = view.position();
    double spread = height * kind.uniform("spread", 0.22, 0.4);
    if (Math.abs(x - eye.x()) < spread + 1 && z < 9) {
      return;
    }
    boolean conifer = kind.chance("conifer", 0.15);
    double stem = height * (conifer ? 0.12 : kind.uniform("stem", 0.25, 0.42));
    Vec across = view.across();
    Vec facing = view.forward().times(-1);
    Vec foot = new Vec(x, 0, z);
    Colour bark = Colour.hsv(0.08, 0.3, kind.uniform("bark", 0.08, 0.3));
    double thickness = 0.018 * height + 0.05;
    surfaces.add(
        new Surface(
            VEGETATION.index(),
            foot,
            across,
            Surface.UP,
            Surface.rectangle(-thickness, thickness, 0, stem * 1.4),
            facing,
            true,
            fragment -> {
              fragment.paint(bark, 0.75 + 0.5 * Noise.smooth(3, fragment.u * 30, fragment.v * 4));
              return true;
            }));
    Colour leaf = leaf(kind);
    double half = 0.5 * (height - stem);
    int blobs = conifer ? 1 : 3;
    for (int i = 0; i < blobs; i++) {
      SplittableHash blob = hash.child(100 + i);
      double share = i == 0 ? 1 : blob.uniform("share", 0.55, 0.8);
      Vec centre =
          new Vec(
              x + (i == 0 ? 0 : blob.uniform("x", -0.5, 0.5) * spread),
              stem + half + (i == 0 ? 0 : blob.uniform("y", -0.45, 0.45) * half),
              z - i * 0.25 * spread);
      double wide = spread * share;
      double tall = half * share;
      surfaces.add(
          new Surface(
              VEGETATION.index(),
              centre,
              across,
              Surface.UP,
              Surface.rectangle(-1.25 * wide, 1.25 * wide, -1.2 * tall, 1.2 * tall),
              facing,
              true,
              crown(blob.seed(), leaf.times(i == 0 ? 0.8 : 1.05), wide, tall, conifer)));
    }
    shadows.add(new ShadowCaster(new Vec(x, stem + half, z), new Vec(spread, half, spread), true));
  }

  private static Colour leaf(SplittableHash kind) {
    double value = kind.uniform("leaf value", 0.09, 0.3);
    return switch (kind.below("season", 7)) {
      case 0 ->
          Colour.hsv(
              kind.uniform("autumn", 0.04, 0.14), kind.uniform("rust", 0.4, 0.8), 1.5 * value);
      case 1 -> Colour.hsv(0.1, kind.uniform("bare", 0.1, 0.35), value);
      case 2 -> Colour.hsv(0.17, kind.uniform("pale", 0.3, 0.6), 1.3 * value);
      default ->
          Colour.hsv(kind.uniform("hue", 0.2, 0.37), kind.uniform("saturation", 0.3, 0.7), value);
    };
  }

  private static Material crown(int seed, Colour leaf, double wide, double tall, boolean conifer) {
    return fragment -> {
      double x = fragment.u / wide;
      double y = fragment.v / tall;
      double lobes = Noise.fractal(seed, fragment.u * 0.9 + 40, fragment.v * 0.9) - 0.5;
      double twigs = Noise.smooth(seed + 4, fragment.u * 5, fragment.v * 5) - 0.5;
      double edge = conifer ? Math.abs(x) * 1.6 + 0.5 * (y + 1) - 0.05 : x * x + y * y;
      if (edge + 1.1 * lobes + 0.5 * twigs > 0.95) {
        return false;
      }
      double leaves = Noise.smooth(seed + 5, fragment.u * 7, fragment.v * 8) - 0.5;
      double clumps = Noise.fractal(seed + 6, fragment.u * 1.6, fragment.v * 1.6) - 0.5;
      double brightness =
          0.85 + 0.3 * y - 0.12 * x + 1.3 * clumps + 0.9 * leaves * fragment.detail(0.2);
      fragment.paint(leaf, Math.max(0.15, brightness));
      return true;
    };
  }

  private static Material thicket(int seed, Colour leaf, double height) {
    return fragment -> {
      double leaves = Noise.smooth(seed, fragment.u * 9, fragment.v * 9) - 0.5;
      double clumps = Noise.fractal(seed + 1, fragment.u * 1.8, fragment.v * 1.8) - 0.5;
      if (fragment.v > height * (0.93 - 0.2 * clumps + 0.08 * leaves)) {
        return false;
      }
      double shade = Math.min(1, 0.55 + 0.6 * fragment.v / height);
      double brightness = 0.95 + 0.9 * clumps + 1.0 * leaves * fragment.detail(0.15);
      fragment.paint(leaf, Math.max(0.15, brightness * shade));
      return true;
    };
  }
}
