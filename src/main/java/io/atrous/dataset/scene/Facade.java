package io.atrous.dataset.scene;

/** The faces of buildings: walls with windows, blind walls, roof tiles. */
final class Facade {

  private Facade() {}

  /** A wall with windows floor by floor; on some, shops below. */
  static Material of(SplittableHash hash) {
    Material wall = windowless(hash);
    int seed = hash.child("windows").seed();
    boolean glazed = hash.chance("glazed", 0.15);
    double storey = hash.uniform("storey", 2.8, 3.8);
    double bay = hash.uniform("bay", 1.7, 3.6);
    double width = bay * (glazed ? 0.94 : hash.uniform("window width", 0.35, 0.7));
    double sill = glazed ? 0.03 : hash.uniform("sill", 0.2, 0.4);
    double lintel = glazed ? 0.97 : hash.uniform("lintel", 0.75, 0.92);
    boolean shops = hash.chance("shops", 0.45);
    Colour sign = paint(hash.child("sign"));
    Colour frame = Colour.grey(hash.uniform("frame", 0.1, 0.75));
    Colour glass =
        new Colour(0.16, 0.2, 0.25).times(hash.uniform("glass", 0.4, glazed ? 2.6 : 1.5));
    double lit = hash.uniform("lit", 0.05, 0.5);
    double lamp = hash.chance("lamps", 0.5) ? hash.uniform("lamp", 1.5, 4) : 0;
    return fragment -> {
      double u = fragment.u;
      double v = fragment.v;
      int floor = Noise.floor(v / storey);
      int column = Noise.floor(u / bay);
      double across = (Noise.fraction(u / bay) - 0.5) * bay;
      double up = Noise.fraction(v / storey);
      boolean shop = shops && floor == 0;
      double half = shop ? 0.45 * bay : 0.5 * width;
      double bottom = shop ? 0.1 : sill;
      double top = shop ? 0.75 : lintel;
      if (shop && up > 0.8) {
        fragment.paint(sign, 0.8 + 0.4 * Noise.cell(seed, column >> 2, 3));
        return true;
      }
      if (Math.abs(across) > half || up < bottom || up > top) {
        return wall.shade(fragment);
      }
      double border = Math.max(0.07, 0.3 * fragment.pixelMetres);
      if (half - Math.abs(across) < border
          || Math.abs(across) < 0.5 * border
          || (top - up) * storey < border) {
        fragment.paint(frame, 1);
        return true;
      }
      double mood = Noise.cell(seed, column, floor);
      double blind = Noise.cell(seed + 1, column, floor);
      double sheen = 0.7 + 0.6 * up + 0.5 * Noise.smooth(seed + 2, u * 0.3, v * 0.4);
      fragment.paint(glass, sheen);
      if (blind < 0.3 && up > top - blind * 2) {
        fragment.paint(frame, 0.8);
      }
      if (mood < lit && lamp > 0) {
        fragment.red = 0.75;
        fragment.green = 0.55;
        fragment.blue = 0.32;
        fragment.glow = lamp * (0.4 + 0.6 * Noise.smooth(seed + 3, u * 2, v * 2)) * 0.5;
      }
      return true;
    };
  }

  /** A wall of plaster, brick or panels, without windows. */
  static Material windowless(SplittableHash hash) {
    int seed = hash.child("wall").seed();
    Colour wall = wall(hash.child("wall"));
    boolean bricks = hash.chance("bricks", 0.4);
    double course = bricks ? 0.14 : hash.uniform("panel", 0.8, 2.4);
    double stretcher = bricks ? 0.42 : course * 1.6;
    double contrast = bricks ? 0.4 : 0.12;
    return fragment -> {
      double u = fragment.u;
      double v = fragment.v;
      double stains = Noise.fractal(seed, u * 0.25, v * 0.5);
      double row = v / course;
      double column = u / stretcher + 0.5 * (Noise.floor(row) & 1);
      double unit = Noise.cell(seed + 1, Noise.floor(column), Noise.floor(row)) - 0.5;
      double near = fragment.detail(course);
      double brightness = (0.75 + 0.5 * stains) * (1 + contrast * unit * near);
      if (Noise.fraction(row) * course < 0.025) {
        brightness *= 1 - 0.3 * fragment.detail(0.08);
      }
      double soot = v < 0.6 ? 0.75 + 0.25 * v / 0.6 : 1;
      fragment.paint(wall, brightness * soot);
      return true;
    };
  }

  static Material tiles(SplittableHash hash) {
    int seed = hash.child("tiles").seed();
    Colour tile =
        hash.chance("slate", 0.5)
            ? Colour.hsv(0.6, hash.uniform("slate hue", 0, 0.2), hash.uniform("slate", 0.1, 0.3))
            : Colour.hsv(0.03, hash.uniform("clay hue", 0.35, 0.7), hash.uniform("clay", 0.2, 0.5));
    return fragment -> {
      double rows = Noise.fraction(fragment.v / 0.35) - 0.5;
      double moss = Noise.fractal(seed, fragment.u * 0.7, fragment.v * 0.7);
      fragment.paint(tile, (0.75 + 0.5 * moss) * (1 + 0.35 * rows * fragment.detail(0.35)));
      return true;
    };
  }

  /** The colours that houses have: mostly greys, sands and bricks, now and then any. */
  private static Colour wall(SplittableHash hash) {
    double value = hash.uniform("value", 0.18, 0.68);
    return switch (hash.below("kind", 8)) {
      case 0, 1 -> Colour.hsv(0.02, hash.uniform("brick", 0.3, 0.6), 0.7 * value);
      case 2, 3 -> Colour.hsv(0.1, hash.uniform("sand", 0.12, 0.4), value);
      case 4 -> Colour.hsv(hash.uniform("hue", 0, 1), hash.uniform("tone", 0.1, 0.45), value);
      case 5 -> Colour.hsv(0.58, hash.uniform("cool", 0.03, 0.2), value);
      case 6 -> Colour.hsv(0.25, hash.uniform("green", 0.08, 0.35), 0.7 * value);
      default -> Colour.grey(value);
    };
  }

  /** A colour of painted things, of any hue. */
  static Colour paint(SplittableHash hash) {
    return Colour.hsv(
        hash.uniform("hue", 0, 1),
        hash.uniform("saturation", 0, 0.85),
        hash.uniform("v", 0.1, 0.7));
  }
}
