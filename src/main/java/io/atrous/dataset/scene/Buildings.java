package io.atrous.dataset.scene;

import static io.atrous.dataset.scene.StreetClass.BUILDING;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The two rows of buildings along a street and the one across its end.
 *
 * @param surfaces what is seen of them
 * @param skyline how high they stand
 * @param gaps the empty lots along the street
 */
record Buildings(List<Surface> surfaces, Skyline skyline, List<Gap> gaps) {

  /** An empty lot of one side of the street, z0 to z1. */
  record Gap(Street.Side side, double z0, double z1) {}

  private static final double DEPTH_METRES = 14;

  static Buildings of(Street street, SplittableHash hash) {
    List<Surface> surfaces = new ArrayList<>();
    List<Gap> gaps = new ArrayList<>();
    double[] left = new double[Skyline.LENGTH];
    double[] right = new double[Skyline.LENGTH];
    row(street.left(), hash.child("left"), surfaces, left, gaps);
    row(street.right(), hash.child("right"), surfaces, right, gaps);
    end(hash.child("end"), surfaces);
    Skyline skyline =
        new Skyline(
            street.left().x(street.left().facade()),
            street.right().x(street.right().facade()),
            left,
            right);
    return new Buildings(List.copyOf(surfaces), skyline, List.copyOf(gaps));
  }

  private static void row(
      Street.Side side,
      SplittableHash hash,
      List<Surface> surfaces,
      double[] heights,
      List<Gap> gaps) {
    double typical = hash.uniform("height", 5, 22);
    double empty = hash.chance("suburb", 0.4) ? 0.4 : 0.1;
    double z = Skyline.START;
    for (int lot = 0; z < Street.END_METRES; lot++) {
      SplittableHash here = hash.child(lot);
      double end = z + here.uniform("length", 8, 24);
      if (here.chance("empty", empty)) {
        gaps.add(new Gap(side, z, end));
      } else {
        double height = typical * here.uniform("height", 0.55, 1.5);
        double facade = side.facade() + (here.chance("set back", 0.3) ? 2 : 0);
        Arrays.fill(heights, index(z), Math.max(index(z), index(end)), height);
        if (end > -4) {
          building(side, facade, z, end, height, here, surfaces);
        }
      }
      z = end + (here.chance("alley", 0.15) ? here.uniform("alley width", 1.5, 5) : 0);
    }
  }

  private static int index(double z) {
    return Math.max(0, Math.min(Skyline.LENGTH, Noise.floor(z) - Skyline.START));
  }

  private static void building(
      Street.Side side,
      double facade,
      double z0,
      double z1,
      double height,
      SplittableHash hash,
      List<Surface> surfaces) {
    Material wall = Facade.of(hash);
    Material plain = Facade.windowless(hash);
    double x = side.x(facade);
    double back = side.x(facade + DEPTH_METRES);
    surfaces.add(Surface.along(BUILDING.index(), x, z0, z1, 0, height, -side.sign(), wall));
    surfaces.add(
        Surface.across(
            BUILDING.index(),
            z0,
            Math.min(x, back),
            Math.max(x, back),
            0,
            height,
            hash.chance("blind", 0.5) ? plain : wall));
    if (hash.chance("pitched", 0.45)) {
      roof(side, x, z0, z1, height, hash, surfaces);
    }
  }

  /** A roof that rises away from the street, and the gable at its near end. */
  private static void roof(
      Street.Side side,
      double x,
      double z0,
      double z1,
      double height,
      SplittableHash hash,
      List<Surface> surfaces) {
    double run = DEPTH_METRES / 2;
    double rise = run * hash.uniform("slope", 0.45, 1.1);
    double length = Math.sqrt(run * run + rise * rise);
    Vec slope = new Vec(side.sign() * run, rise, 0).times(1 / length);
    Vec normal = new Vec(-side.sign() * rise, run, 0).times(1 / length);
    surfaces.add(
        new Surface(
            BUILDING.index(),
            new Vec(x, height, z0),
            Surface.ALONG,
            slope,
            Surface.rectangle(0, z1 - z0, -0.4, length),
            normal,
            false,
            Facade.tiles(hash)));
    double ridge = x + side.sign() * run;
    double back = x + side.sign() * DEPTH_METRES;
    surfaces.add(
        new Surface(
            BUILDING.index(),
            new Vec(0, 0, z0),
            Surface.ACROSS,
            Surface.UP,
            List.of(
                new double[] {x, height},
                new double[] {back, height},
                new double[] {ridge, height + rise}),
            new Vec(0, 0, -1),
            false,
            Facade.windowless(hash)));
  }

  private static void end(SplittableHash hash, List<Surface> surfaces) {
    double x = -70;
    for (int lot = 0; x < 70; lot++) {
      SplittableHash here = hash.child(lot);
      double next = x + here.uniform("length", 8, 22);
      if (!here.chance("empty", 0.35)) {
        double z = Street.END_METRES + here.uniform("set back", 8, 30);
        surfaces.add(
            Surface.across(
                BUILDING.index(), z, x, next, 0, here.uniform("height", 6, 26), Facade.of(here)));
      }
      x = next;
    }
  }
}
