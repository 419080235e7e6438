package io.atrous.dataset.scene;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The things that move or could: vehicles in their lanes and along the kerb, people on the
 * pavements and across the road. Where each is follows from the time alone.
 */
final class StreetTraffic {

  /** Vehicles go round a loop that begins behind the camera and ends far down the street. */
  private static final double LOOP_START = -14;

  private static final double LOOP_METRES = 150;

  private final Viewpoint view;
  private final boolean lamps;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Walker> walkers = new ArrayList<>();
  private final List<Parked> parked = new ArrayList<>();

  private record Lane(double x, int heading, double speed, List<Place> places) {}

  private record Place(Vehicle vehicle, double z) {}

  private record Parked(Vehicle vehicle, double x, double z, int heading) {}

  /** A person who walks to and fro between two points. */
  private record Walker(
      Pedestrian pedestrian,
      double x0,
      double z0,
      double x1,
      double z1,
      double speed,
      double off) {}

  StreetTraffic(Street street, Viewpoint view, boolean lamps, SplittableHash hash) {
    this.view = view;
    this.lamps = lamps;
    for (int sign = -1; sign <= 1; sign += 2) {
      for (int lane = 0; lane < street.lanes(); lane++) {
        lanes.add(lane(sign, (lane + 0.5) * street.laneMetres(), hash.child("lane" + sign + lane)));
      }
      if (street.side(sign).parking()) {
        park(street.side(sign), hash.child("parked" + sign));
      }
    }
    int people = 3 + hash.below("people", 11);
    for (int i = 0; i < people; i++) {
      walkers.add(walker(street, hash.child("walker").child(i)));
    }
  }

  private static Lane lane(int sign, double distance, SplittableHash hash) {
    List<Place> places = new ArrayList<>();
    double gap = hash.uniform("gap", 10, 45);
    double share = hash.uniform("share", 0.3, 0.95);
    int slots = (int) (LOOP_METRES / gap);
    for (int i = 0; i < slots; i++) {
      SplittableHash here = hash.child(i);
      if (here.chance("taken", share)) {
        double jitter = Math.max(0, gap - 11);
        places.add(new Place(Vehicle.of(here), i * gap + here.uniform("jitter", 0, 1) * jitter));
      }
    }
    double speed = hash.chance("jam", 0.15) ? 0 : hash.uniform("speed", 3, 13);
    return new Lane(sign * distance, sign, speed, places);
  }

  private void park(Street.Side side, SplittableHash hash) {
    double z = hash.uniform("first", 4, 12);
    for (int i = 0; z < 100; i++) {
      SplittableHash here = hash.child(i);
      Vehicle vehicle = Vehicle.of(here);
      boolean fits = vehicle.length() < 7;
      double middle = z + 0.5 * vehicle.length();
      double x = side.x(side.kerb() - 0.5 * vehicle.width() - 0.15);
      boolean clear = Math.abs(x - view.position().x()) > 2 || z > 8;
      if (fits && clear && here.chance("taken", 0.6)) {
        parked.add(
            new Parked(
                vehicle, x, middle, here.chance("turned", 0.1) ? -side.sign() : side.sign()));
      }
      z += vehicle.length() + here.uniform("gap", 0.7, 2.5);
    }
  }

  private static Walker walker(Street street, SplittableHash hash) {
    Pedestrian pedestrian = Pedestrian.of(hash);
    double speed = hash.chance("waits", 0.15) ? 0.01 : hash.uniform("speed", 0.8, 1.7);
    double off = hash.uniform("off", 0, 200);
    if (hash.chance("crosses", 0.3)) {
      double z =
          street.crossing() > 0 && hash.chance("zebra", 0.7)
              ? street.crossing() + hash.uniform("place", 0.3, 2.9)
              : hash.uniform("z", 7, 45);
      return new Walker(
          pedestrian,
          street.left().x(street.left().pavement() - 0.4),
          z,
          street.right().x(street.right().pavement() - 0.4),
          z,
          speed,
          off);
    }
    Street.Side side = hash.chance("right", 0.5) ? street.right() : street.left();
    double x = side.x(hash.uniform("x", side.verge() + 0.5, side.pavement() - 0.3));
    double z = hash.uniform("z", 5, 30);
    return new Walker(pedestrian, x, z, x, z + hash.uniform("range", 12, 45), speed, off);
  }

  /**
   * Draws what stands still, once for all times.
   *
   * @param paint the colours of the scene
   */
  void drawStill(Canvas canvas, UnaryOperator<List<Surface>> paint) {
    for (Parked car : parked) {
      canvas.shadow(car.vehicle().shadow(car.x(), car.z()));
    }
    for (Parked car : parked) {
      canvas.draw(paint.apply(car.vehicle().surfaces(car.x(), car.z(), car.heading(), false)));
    }
  }

  /**
   * Draws what moves, as it is at a time.
   *
   * @param paint the colours of the scene
   */
  void draw(Canvas canvas, double seconds, UnaryOperator<List<Surface>> paint) {
    List<Surface> surfaces = new ArrayList<>();
    for (Lane lane : lanes) {
      for (Place place : lane.places()) {
        double along = place.z() + lane.heading() * lane.speed() * seconds;
        double z = LOOP_START + LOOP_METRES * Noise.fraction(along / LOOP_METRES);
        canvas.shadow(place.vehicle().shadow(lane.x(), z));
        surfaces.addAll(place.vehicle().surfaces(lane.x(), z, lane.heading(), lamps));
      }
    }
    for (Walker walker : walkers) {
      double dx = walker.x1() - walker.x0();
      double dz = walker.z1() - walker.z0();
      double way = Math.sqrt(dx * dx + dz * dz);
      double walked = walker.off() + walker.speed() * seconds;
      double share = 1 - Math.abs(2 * Noise.fraction(walked / (2 * way)) - 1);
      double x = walker.x0() + share * dx;
      double z = walker.z0() + share * dz;
      canvas.shadow(walker.pedestrian().shadow(x, z));
      surfaces.add(walker.pedestrian().surface(x, z, walked, view));
    }
    canvas.draw(paint.apply(surfaces));
  }
}
