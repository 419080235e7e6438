package io.atrous.dataset.scene;

import java.util.Locale;

/** Conditions in which scenes are seen, usual or hard. */
public enum Conditions {
  /** Day and dusk in any weather but rain: what a model is trained on. */
  USUAL,
  /** Scenes of the same streets by night, in rain, or in colours that are in no usual scene. */
  HARD;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns what is hard to see in a scene. */
  Hardship hardship(SplittableHash scene) {
    if (this == USUAL) {
      return Hardship.NONE;
    }
    return switch (scene.below("hardship", 3)) {
      case 0 -> Hardship.NIGHT;
      case 1 -> Hardship.RAIN;
      default -> Hardship.COLOURS;
    };
  }

  /** Reasons for which a scene is hard to see. */
  enum Hardship {
    NONE,
    /** Street lamps alone give light, and the sensor makes much noise. */
    NIGHT,
    /** An overcast sky, dense haze and streaks of drops. */
    RAIN,
    /** Houses, vehicles and people in vivid colours, of which none is what it was. */
    COLOURS
  }
}
