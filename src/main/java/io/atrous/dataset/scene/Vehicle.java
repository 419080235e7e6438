package io.atrous.dataset.scene;

import static io.atrous.dataset.scene.StreetClass.VEHICLE;

import java.util.ArrayList;
import java.util.List;

/**
 * A car, van, lorry or bus that stands or drives along the street: a body on wheels and a cabin
 * that narrows upwards.
 *
 * @param length the length, in metres
 * @param width the width, in metres
 * @param height the height, in metres
 * @param belt the height at which the cabin's windows begin
 * @param bonnet how long the body is before the cabin
 * @param boot how long the body is behind the cabin
 * @param slant how far front and rear windows lean
 */
record Vehicle(
    SplittableHash hash,
    double length,
    double width,
    double height,
    double belt,
    double bonnet,
    double boot,
    double slant) {

  private static final double CLEARANCE_METRES = 0.28;
  private static final int LABEL = VEHICLE.index();

  static Vehicle of(SplittableHash hash) {
    double size = hash.uniform("size", 0.92, 1.08);
    return switch (hash.below("type", 12)) {
      case 0 -> new Vehicle(hash, 9.5 * size, 2.5, 3.1, 1.2, 0.02, 0.02, 0.08);
      case 1 -> new Vehicle(hash, 6.4 * size, 2.2, 2.9 * size, 1.5, 0.9, 0.02, 0.35);
      case 2, 3 -> new Vehicle(hash, 5 * size, 1.95, 2.1 * size, 1.15, 0.8, 0.05, 0.5);
      case 4, 5, 6 -> new Vehicle(hash, 4.1 * size, 1.8, 1.52 * size, 0.92, 0.95, 0.05, 0.6);
      case 7, 8 -> new Vehicle(hash, 4.6 * size, 1.9, 1.7 * size, 1.02, 1.0, 0.1, 0.5);
      default -> new Vehicle(hash, 4.6 * size, 1.82, 1.45 * size, 0.9, 1.1, 0.75, 0.7);
    };
  }

  /**
   * Returns the surfaces that are seen of it.
   *
   * @param x the x of its middle
   * @param z the z of its middle
   * @param heading 1 if its front is away from small z, else -1
   */
  List<Surface> surfaces(double x, double z, int heading, boolean lamps) {
    List<Surface> surfaces = new ArrayList<>();
    double half = 0.5 * width;
    double front = 0.5 * length;
    Material paint = coachwork(heading);
    double inset = 0.12 * (height - belt);
    for (int side = -1; side <= 1; side += 2) {
      surfaces.add(
          new Surface(
              LABEL,
              new Vec(x + side * half, 0, z),
              Surface.ALONG,
              Surface.UP,
              Surface.rectangle(-front, front, 0, belt),
              new Vec(side, 0, 0),
              false,
              paint));
      // The cabin's side: a trapezium, leaning in a little.
      double tall = height - belt;
      double slope = Math.sqrt(tall * tall + inset * inset);
      Vec lean = new Vec(-side * inset, tall, 0).times(1 / slope);
      double nose = front - bonnet;
      double tail = -front + boot;
      double low = heading > 0 ? tail : -nose;
      double high = heading > 0 ? nose : -tail;
      double lowLean = heading > 0 ? 0.5 * slant : slant;
      double highLean = heading > 0 ? slant : 0.5 * slant;
      surfaces.add(
          new Surface(
              LABEL,
              new Vec(x + side * half, belt, z),
              Surface.ALONG,
              lean,
              List.of(
                  new double[] {low, 0},
                  new double[] {high, 0},
                  new double[] {high - highLean, slope},
                  new double[] {low + lowLean, slope}),
              new Vec(side * tall, inset, 0).unit(),
              false,
              glazing(low + lowLean, high - highLean, slope)));
    }
    nearEnd(surfaces, x, z, heading, inset, lamps);
    level(surfaces, x, z - front, z + front, belt, half);
    double roofFront = front - bonnet - slant;
    double roofRear = -front + boot + 0.5 * slant;
    level(
        surfaces,
        x,
        z + Math.min(heading * roofRear, heading * roofFront),
        z + Math.max(heading * roofRear, heading * roofFront),
        height,
        half - inset);
    return surfaces;
  }

  ShadowCaster shadow(double x, double z) {
    return new ShadowCaster(
        new Vec(x, 0.5 * height, z), new Vec(0.5 * width, 0.5 * height, 0.5 * length), false);
  }

  /** The end towards small z, which is the one that a camera looking along the street sees. */
  private void nearEnd(
      List<Surface> surfaces, double x, double z, int heading, double inset, boolean lamps) {
    double half = 0.5 * width;
    double end = z - 0.5 * length;
    boolean rear = heading > 0;
    Colour body = body();
    Colour light = rear ? new Colour(0.55, 0.03, 0.03) : Colour.grey(0.8);
    double glow = lamps ? rear ? 1.5 : 6 : rear ? 0.2 : 0.3;
    surfaces.add(
        Surface.across(
            LABEL,
            end,
            x - half,
            x + half,
            CLEARANCE_METRES * 0.8,
            belt,
            fragment -> {
              double off = Math.abs(fragment.u - x) / half;
              double up = fragment.v / belt;
              if (off > 0.62 && off < 0.94 && up > 0.55 && up < 0.8) {
                fragment.paint(light, 1);
                fragment.glow = glow;
              } else if (up < 0.42 || (!rear && off < 0.5 && up < 0.72)) {
                fragment.paint(Colour.grey(0.05), 1);
              } else if (off < 0.28 && up < 0.56) {
                fragment.paint(Colour.grey(0.7), 1);
              } else {
                fragment.paint(body, 0.75 + 0.3 * up);
              }
              return true;
            }));
    double lean = rear ? 0.5 * slant : slant;
    double start = rear ? boot : bonnet;
    double tall = height - belt;
    double slope = Math.sqrt(tall * tall + lean * lean);
    surfaces.add(
        new Surface(
            LABEL,
            new Vec(x, belt, end + start),
            Surface.ACROSS,
            new Vec(0, tall, lean).times(1 / slope),
            List.of(
                new double[] {-half, 0},
                new double[] {half, 0},
                new double[] {half - inset, slope},
                new double[] {inset - half, slope}),
            new Vec(0, lean, -tall).unit(),
            false,
            glazing(inset - half, half - inset, slope)));
  }

  private void level(
      List<Surface> surfaces, double x, double z0, double z1, double y, double half) {
    Colour body = body();
    surfaces.add(
        new Surface(
            LABEL,
            new Vec(0, y, 0),
            Surface.ACROSS,
            Surface.ALONG,
            Surface.rectangle(x - half, x + half, z0, z1),
            Surface.UP,
            false,
            fragment -> {
              fragment.paint(body, 1.05);
              return true;
            }));
  }

  /** Painted sheet metal over two wheels; open between them. */
  private Material coachwork(int heading) {
    Colour body = body();
    double radius = Math.min(0.5, 0.2 * height + 0.03);
    double axle = 0.5 * length - Math.max(0.75, 0.19 * length);
    double doors = hash.uniform("doors", -0.2, 0.2) * length * heading;
    return fragment -> {
      double along = Math.abs(fragment.u) - axle;
      double up = fragment.v - radius;
      double wheel = along * along + up * up;
      if (wheel < radius * radius) {
        boolean rim = wheel < 0.36 * radius * radius;
        fragment.paint(Colour.grey(rim ? 0.35 : 0.035), 1);
        return true;
      }
      if (fragment.v < CLEARANCE_METRES) {
        return false;
      }
      double height = fragment.v / belt;
      double brightness = wheel < 1.35 * radius * radius ? 0.35 : 0.65 + 0.45 * height;
      if (Math.abs(fragment.u - doors) < 0.02 || Math.abs(height - 0.72) < 0.02) {
        brightness *= 0.7;
      }
      fragment.paint(body, brightness);
      return true;
    };
  }

  /** Windows between pillars, under a painted edge. */
  private Material glazing(double low, double high, double tall) {
    Colour body = body();
    Colour glass = new Colour(0.07, 0.085, 0.1).times(hash.uniform("tint", 0.5, 2.6));
    double middle = 0.5 * (low + high) + hash.uniform("pillar", -0.15, 0.15) * (high - low);
    boolean panel = length > 4.9 && length < 8 && hash.chance("panel van", 0.7);
    boolean wide = high - low > 2.2;
    return fragment -> {
      double up = fragment.v / tall;
      boolean pillar =
          wide
              && (Math.abs(fragment.u - middle) < 0.06
                  || (panel && Math.abs(fragment.u - middle) < 0.3 * (high - low)));
      if (up > 0.86 || up < 0.08 || pillar) {
        fragment.paint(body, 0.95);
      } else {
        fragment.paint(glass, 0.6 + 1.1 * up);
      }
      return true;
    };
  }

  private Colour body() {
    SplittableHash here = hash.child("body");
    double value = here.uniform("value", 0, 1);
    return switch (here.below("paint", 10)) {
      case 0, 1 -> Colour.grey(0.6 + 0.2 * value);
      case 2, 3 -> Colour.grey(0.03 + 0.05 * value);
      case 4, 5 -> Colour.grey(0.15 + 0.35 * value);
      case 6 -> Colour.hsv(0.61, 0.5 + 0.3 * value, 0.12 + 0.4 * value);
      case 7 -> Colour.hsv(0.99, 0.8, 0.25 + 0.3 * value);
      default ->
          Colour.hsv(
              here.uniform("hue", 0, 1), here.uniform("pure", 0.15, 0.8), 0.15 + 0.4 * value);
    };
  }
}
