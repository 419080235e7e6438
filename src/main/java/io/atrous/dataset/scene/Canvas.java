package io.atrous.dataset.scene;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A picture in the making: colour, class and depth per pixel. Surfaces may be drawn in any order;
 * the nearest one stays.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class Canvas {

  private static final double NEAR_METRES = 0.4;

  private final int width;
  private final int height;
  private final Viewpoint view;
  private final Illumination light;

  /** The colours 0xRRGGBB as the sensor would see them without noise. */
  private final int[] rgb;

  /** Class indices; {@link #NOTHING} where nothing was drawn. */
  private final byte[] labels;

  /** Metres along the optical axis; infinite where nothing was drawn. */
  private final float[] depths;

  private final Fragment fragment = new Fragment();

  static final byte NOTHING = (byte) 0xFF;

  Canvas(int width, int height, Viewpoint view, Illumination light) {
    this.width = width;
    this.height = height;
    this.view = view;
    this.light = light;
    this.rgb = new int[width * height];
    this.labels = new byte[width * height];
    this.depths = new float[width * height];
    Arrays.fill(labels, NOTHING);
    Arrays.fill(depths, Float.POSITIVE_INFINITY);
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  int[] rgb() {
    return rgb;
  }

  byte[] labels() {
    return labels;
  }

  /** Makes this the same picture as another of its size. */
  void copy(Canvas other) {
    System.arraycopy(other.rgb, 0, rgb, 0, rgb.length);
    System.arraycopy(other.labels, 0, labels, 0, labels.length);
    System.arraycopy(other.depths, 0, depths, 0, depths.length);
  }

  /** Draws the nearest first, which spares the hidden ones their shading. */
  void draw(List<Surface> surfaces) {
    surfaces.stream()
        .sorted(Comparator.comparingDouble(this::nearestDepth))
        .forEachOrdered(this::draw);
  }

  private double nearestDepth(Surface surface) {
    double nearest = Double.POSITIVE_INFINITY;
    for (double[] corner : surface.outline()) {
      nearest = Math.min(nearest, inCamera(surface, corner).z());
    }
    return nearest;
  }

  void draw(Surface surface) {
    if (!surface.flat() && surface.normal().dot(view.position().minus(surface.origin())) <= 0) {
      return;
    }
    Illumination.Incident incident = light.on(surface);
    Material material = surface.material();
    byte label = (byte) surface.label();
    scan(
        surface,
        false,
        (at, depth, u, v, x, y, z, vignette) -> {
          fragment.u = u;
          fragment.v = v;
          fragment.pixelMetres = depth / (view.focal() * width);
          fragment.glow = 0;
          if (!material.shade(fragment)) {
            return;
          }
          depths[at] = (float) depth;
          labels[at] = label;
          rgb[at] = light.develop(fragment, incident, x, y, z, depth, vignette);
        });
  }

  /** Darkens the ground where something keeps the light away. */
  void shadow(ShadowCaster caster) {
    scan(
        caster.footprint(light),
        true,
        (at, depth, u, v, x, y, z, vignette) -> {
          int dim = (int) (256 * caster.remainingLight(light, x, z));
          int colour = rgb[at];
          int red = ((colour >> 16) * dim) >> 8;
          int green = (((colour >> 8) & 0xFF) * dim) >> 8;
          int blue = ((colour & 0xFF) * dim) >> 8;
          rgb[at] = red << 16 | green << 8 | blue;
        });
  }

  /** Paints the sky wherever nothing stands. */
  void drawSky(int label) {
    double scale = 1 / (view.focal() * width);
    for (int row = 0; row < height; row++) {
      double b = (0.5 * height - row - 0.5) * scale;
      for (int column = 0; column < width; column++) {
        int at = row * width + column;
        if (labels[at] != NOTHING) {
          continue;
        }
        double a = (column + 0.5 - 0.5 * width) * scale;
        Vec ray = view.forward().plus(view.right().times(a)).plus(view.up().times(b));
        labels[at] = (byte) label;
        rgb[at] = light.sky(ray, vignette(row, column));
      }
    }
  }

  /** A pixel of a surface: its index, depth, place on the surface and place in the world. */
  @FunctionalInterface
  private interface Pixel {
    void visit(
        int at, double depth, double u, double v, double x, double y, double z, double vignette);
  }

  /**
   * Visits the pixels whose centres see the surface: in front of what was drawn, or for a decal
   * right upon it. Along a row, the inverse depth and the ray are linear in the column, so a pixel
   * costs one division.
   */
  private void scan(Surface surface, boolean decal, Pixel pixel) {
    Vec eye = view.position();
    Vec normal = surface.uAxis().cross(surface.vAxis());
    double distance = normal.dot(surface.origin().minus(eye));
    if (Math.abs(distance) < 1e-9) {
      return;
    }
    double[] polygon = project(surface);
    int corners = polygon.length / 2;
    if (corners < 3) {
      return;
    }
    double top = Double.POSITIVE_INFINITY;
    double bottom = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < corners; i++) {
      top = Math.min(top, polygon[2 * i + 1]);
      bottom = Math.max(bottom, polygon[2 * i + 1]);
    }
    double scale = 1 / (view.focal() * width);
    double inverseStep = normal.dot(view.right()) * scale / distance;
    Vec fromOrigin = eye.minus(surface.origin());
    double u0 = fromOrigin.dot(surface.uAxis());
    double v0 = fromOrigin.dot(surface.vAxis());
    double uStep = surface.uAxis().dot(view.right()) * scale;
    double vStep = surface.vAxis().dot(view.right()) * scale;
    int lastRow = (int) Math.min(height, Math.ceil(bottom - 0.5));
    for (int row = (int) Math.max(0, Math.ceil(top - 0.5)); row < lastRow; row++) {
      double y = row + 0.5;
      double left = Double.POSITIVE_INFINITY;
      double right = Double.NEGATIVE_INFINITY;
      for (int i = 0, j = corners - 1; i < corners; j = i++) {
        double ya = polygon[2 * j + 1];
        double yb = polygon[2 * i + 1];
        if (ya <= y != yb <= y) {
          double xa = polygon[2 * j];
          double cut = xa + (y - ya) / (yb - ya) * (polygon[2 * i] - xa);
          left = Math.min(left, cut);
          right = Math.max(right, cut);
        }
      }
      int first = (int) Math.max(0, Math.ceil(left - 0.5));
      int last = (int) Math.min(width, Math.ceil(right - 0.5));
      double b = (0.5 * height - y) * scale;
      double a = (first + 0.5 - 0.5 * width) * scale;
      Vec ray = view.forward().plus(view.up().times(b)).plus(view.right().times(a));
      double inverse = normal.dot(ray) / distance;
      double uRay = surface.uAxis().dot(ray);
      double vRay = surface.vAxis().dot(ray);
      for (int column = first; column < last; column++) {
        int n = column - first;
        double depth = 1 / (inverse + n * inverseStep);
        int at = row * width + column;
        boolean hidden = decal ? Math.abs(depths[at] - depth) > 0.01 * depth : depth >= depths[at];
        if (hidden || depth < NEAR_METRES) {
          continue;
        }
        double s = n * scale;
        pixel.visit(
            at,
            depth,
            u0 + depth * (uRay + n * uStep),
            v0 + depth * (vRay + n * vStep),
            eye.x() + depth * (ray.x() + s * view.right().x()),
            eye.y() + depth * (ray.y() + s * view.right().y()),
            eye.z() + depth * (ray.z() + s * view.right().z()),
            vignette(row, column));
      }
    }
  }

  /** The outline in pixels, x and y by turns, cut off where it comes too near to the lens. */
  private double[] project(Surface surface) {
    List<double[]> outline = surface.outline();
    double[] projected = new double[4 * outline.size()];
    int size = 0;
    Vec previous = inCamera(surface, outline.get(outline.size() - 1));
    for (double[] corner : outline) {
      Vec current = inCamera(surface, corner);
      if (previous.z() < NEAR_METRES != current.z() < NEAR_METRES) {
        double share = (NEAR_METRES - previous.z()) / (current.z() - previous.z());
        size = append(projected, size, previous.plus(current.minus(previous).times(share)));
      }
      if (current.z() >= NEAR_METRES) {
        size = append(projected, size, current);
      }
      previous = current;
    }
    return Arrays.copyOf(projected, size);
  }

  private Vec inCamera(Surface surface, double[] corner) {
    Vec offset = surface.point(corner[0], corner[1]).minus(view.position());
    return new Vec(offset.dot(view.right()), offset.dot(view.up()), offset.dot(view.forward()));
  }

  private int append(double[] projected, int size, Vec inCamera) {
    double pixels = view.focal() * width / inCamera.z();
    projected[size] = 0.5 * width + inCamera.x() * pixels;
    projected[size + 1] = 0.5 * height - inCamera.y() * pixels;
    return size + 2;
  }

  /** Returns the share of light that the lens lets through at a pixel, less in the corners. */
  private double vignette(int row, int column) {
    double x = (2 * column - width) / (double) width;
    double y = (2 * row - height) / (double) height;
    return 1 - light.vignetting() * 0.5 * (x * x + y * y);
  }
}
