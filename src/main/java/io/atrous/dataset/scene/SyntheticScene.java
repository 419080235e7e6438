package io.atrous.dataset.scene;

import io.atrous.dataset.LabeledImage;
import io.atrous.dataset.scene.Conditions.Hardship;
import java.util.ArrayList;
import java.util.List;

/**
 * A street as a fixed camera sees it: a pure function of split, seed and index, and of the time, in
 * any size, to the last bit on every machine.
 *
 * <p>Perspective, light, weather, buildings, trees and traffic are drawn at random for each scene;
 * vehicles and people move, so that a scene is a video.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class SyntheticScene {

  private final SplittableHash hash;
  private final Hardship hardship;
  private final Viewpoint view;
  private final Street street;
  private final Buildings buildings;
  private final Greenery greenery;
  private final Illumination light;
  private final StreetTraffic traffic;

  private SyntheticScene(SplittableHash hash, Conditions conditions) {
    this.hash = hash;
    this.hardship = conditions.hardship(hash);
    this.street = Street.of(hash.child("street"));
    this.view = view(street, hash.child("view"));
    this.buildings = Buildings.of(street, hash.child("buildings"));
    this.greenery = Greenery.of(street, buildings, view, hash.child("greenery"));
    this.light = Illumination.of(hash.child("light"), buildings.skyline(), hardship);
    this.traffic = new StreetTraffic(street, view, light.dark(), hash.child("traffic"));
  }

  /** Creates the scene of a split, a seed and an index. */
  public static SyntheticScene of(Split split, long seed, long index) {
    return of(split, seed, index, Conditions.USUAL);
  }

  /**
   * Creates the scene of a split, a seed and an index; the street is the same in any conditions.
   */
  static SyntheticScene of(Split split, long seed, long index, Conditions conditions) {
    return new SyntheticScene(SplittableHash.of(split, seed, index), conditions);
  }

  private static Viewpoint view(Street street, SplittableHash hash) {
    double x =
        hash.uniform(
            "x",
            street.left().x(street.left().pavement() - 0.5),
            street.right().x(street.right().pavement() - 0.5));
    Vec position = new Vec(x, hash.uniform("height", 2.6, 7.5), 0);
    return Viewpoint.of(
        position,
        hash.uniform("yaw", -0.26, 0.26) - 0.025 * x,
        hash.uniform("pitch", 0.03, 0.24),
        hash.uniform("roll", -0.03, 0.03),
        hash.uniform("focal", 0.7, 1.15));
  }

  /** A camera of this size, which keeps what does not move. */
  public SceneCamera camera(int width, int height) {
    return new SceneCamera(this, width, height);
  }

  /** A single picture. */
  public LabeledImage render(double seconds, int width, int height) {
    return camera(width, height).frame(seconds);
  }

  SplittableHash hash() {
    return hash;
  }

  Illumination light() {
    return light;
  }

  Canvas canvas(int width, int height) {
    return new Canvas(width, height, view, light);
  }

  void drawStill(Canvas canvas) {
    List<Surface> upright = new ArrayList<>(greenery.surfaces());
    upright.addAll(painted(buildings.surfaces()));
    canvas.draw(upright);
    canvas.draw(Ground.of(street));
    canvas.drawSky(StreetClass.SKY.index());
    greenery.shadows().forEach(canvas::shadow);
    traffic.drawStill(canvas, this::painted);
  }

  void drawMoving(Canvas canvas, double seconds) {
    traffic.draw(canvas, seconds, this::painted);
    if (hardship == Hardship.RAIN) {
      new RainStreaks(hash.child("rain").child(Double.doubleToLongBits(seconds)))
          .draw(canvas, light.horizon());
    }
  }

  /** Returns what people have painted or put on, in the colours of this scene. */
  private List<Surface> painted(List<Surface> surfaces) {
    return hardship == Hardship.COLOURS
        ? surfaces.stream().map(Surface::repainted).toList()
        : surfaces;
  }
}
