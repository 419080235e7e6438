package io.atrous.mask;

import io.atrous.model.ClassCatalog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the classes that are present in a mask, and as regions their connected components, whose
 * pixels are neighbours by an edge (4-connectivity). Pixels of value 255 belong to no class.
 *
 * <p>Everything is measured on the mask and told in pixels of the frame, whose edges are the
 * mask's: areas, boxes and centroids are exact, whatever is done to the outlines.
 *
 * <p><b>Threading:</b> confined to one worker; scratch memory is kept from mask to mask.
 */
public final class RegionExtractor {

  private static final int VALUES = 256;

  private final RegionOptions options;
  private final boolean[] makesRegions = new boolean[VALUES];
  private final ConnectedComponents components = new ConnectedComponents();
  private final Measures measures = new Measures();
  private final OutlineTracer tracer = new OutlineTracer();
  private final OutlineSimplifier simplifier = new OutlineSimplifier();
  private final long[] classPixels = new long[VALUES];
  private final long[] classConfidences = new long[VALUES];

  public RegionExtractor(RegionOptions options) {
    this.options = options;
    Arrays.fill(makesRegions, true);
    makesRegions[ClassCatalog.IGNORE_INDEX] = false;
    for (int classId : options.ignoredClasses()) {
      makesRegions[classId] = false;
    }
  }

  /**
   * Finds a mask's classes and regions.
   *
   * @param labels class indices
   * @param confidence the confidence of the same size, or null
   * @param frameWidth pixels across of the frame that the mask covers
   * @param frameHeight pixels down of the frame that the mask covers
   */
  public MaskRegions extract(
      Mask labels, @Nullable Mask confidence, int frameWidth, int frameHeight) {
    if (confidence != null
        && (confidence.width() != labels.width() || confidence.height() != labels.height())) {
      throw new IllegalArgumentException("labels and confidence differ in size");
    }
    components.find(labels);
    measure(labels, confidence);
    int[] largest = largest(labels);
    int count = Math.min(largest.length, options.maxRegions());
    List<Polygon> polygons = polygons(labels, largest, count, frameWidth, frameHeight);
    count = withinMaxPoints(polygons);
    List<Region> regions = new ArrayList<>(count);
    for (int index = 0; index < count; index++) {
      regions.add(
          region(
              index,
              largest[index],
              polygons.get(index),
              labels,
              confidence != null,
              frameWidth,
              frameHeight));
    }
    return new MaskRegions(regions, count < largest.length, classes(confidence != null));
  }

  /**
   * Returns the number of leading polygons that together stay within the frame's limit of points.
   */
  private int withinMaxPoints(List<Polygon> polygons) {
    long points = 0;
    for (int index = 0; index < polygons.size(); index++) {
      Polygon polygon = polygons.get(index);
      points += polygon.outer().size();
      points += polygon.holes().stream().mapToInt(List::size).sum();
      if (points > options.maxPoints()) {
        return index;
      }
    }
    return polygons.size();
  }

  private void measure(Mask labels, @Nullable Mask confidence) {
    Arrays.fill(classPixels, 0);
    Arrays.fill(classConfidences, 0);
    measures.begin(components.count());
    for (int run = 0; run < components.runCount(); run++) {
      int row = components.row(run);
      int start = components.start(run);
      int end = components.end(run);
      int rowStart = row * labels.width();
      int confidenceOfRun =
          confidence == null
              ? 0
              : Confidence.sum(confidence.values(), rowStart + start, rowStart + end);
      measures.add(components.component(run), run, row, start, end, confidenceOfRun);
      int classId = labels.get(start, row);
      classPixels[classId] += end - start;
      classConfidences[classId] += confidenceOfRun;
    }
  }

  /** The components that are regions but for the cap, by falling area, then by first pixel. */
  private int[] largest(Mask labels) {
    double minArea = minArea(labels);
    long[] order = new long[components.count()];
    int count = 0;
    for (int component = 0; component < components.count(); component++) {
      int area = measures.area(component);
      if (makesRegions[classOf(component, labels)] && area >= minArea) {
        order[count++] = (long) (Integer.MAX_VALUE - area) << Integer.SIZE | component;
      }
    }
    Arrays.sort(order, 0, count);
    int[] sorted = new int[count];
    for (int index = 0; index < count; index++) {
      sorted[index] = (int) order[index];
    }
    return sorted;
  }

  private List<Polygon> polygons(
      Mask labels, int[] largest, int count, int frameWidth, int frameHeight) {
    int[] regionOf = new int[components.count()]; // from 1; 0 = none
    for (int index = 0; index < count; index++) {
      regionOf[largest[index]] = index + 1;
    }
    tracer.begin(labels.width(), labels.height());
    for (int run = 0; run < components.runCount(); run++) {
      int region = regionOf[components.component(run)];
      if (region > 0) {
        tracer.mark(components.row(run), components.start(run), components.end(run), region);
      }
    }
    double minArea = minArea(labels);
    List<Outline> outlines = new ArrayList<>(count);
    for (int index = 0; index < count; index++) {
      outlines.add(new Outline());
    }
    for (int run = 0; run < components.runCount(); run++) {
      int region = regionOf[components.component(run)];
      Ring ring = region > 0 ? tracer.trace(components.row(run), components.start(run)) : null;
      if (ring != null) {
        outlines.get(region - 1).add(ring, minArea);
      }
    }
    double scaleX = (double) frameWidth / labels.width();
    double scaleY = (double) frameHeight / labels.height();
    double tolerancePixels = options.toleranceMaskPixels() * Math.max(scaleX, scaleY);
    return outlines.stream()
        .map(
            outline ->
                simplifier.simplify(
                    outline, scaleX, scaleY, tolerancePixels, options.maxPointsPerPolygon()))
        .toList();
  }

  private Region region(
      int index,
      int component,
      Polygon polygon,
      Mask labels,
      boolean withConfidence,
      int frameWidth,
      int frameHeight) {
    int width = labels.width();
    int height = labels.height();
    double scaleX = (double) frameWidth / width;
    double scaleY = (double) frameHeight / height;
    int left = measures.left(component);
    int right = measures.right(component);
    int top = components.row(measures.firstRun(component));
    int bottom = measures.bottom(component);
    double fraction = measures.area(component) / ((double) width * height);
    return new Region(
        index,
        classOf(component, labels),
        Math.round(fraction * frameWidth * frameHeight),
        fraction,
        new Box(left * scaleX, top * scaleY, (right - left) * scaleX, (bottom - top) * scaleY),
        new Point(measures.centroidX(component) * scaleX, measures.centroidY(component) * scaleY),
        polygon,
        withConfidence ? measures.meanConfidence(component) : null,
        left == 0 || top == 0 || right == width || bottom == height);
  }

  private List<ClassPresence> classes(boolean withConfidence) {
    List<ClassPresence> classes = new ArrayList<>();
    for (int classId = 0; classId < ClassCatalog.IGNORE_INDEX; classId++) {
      long pixels = classPixels[classId];
      if (pixels > 0) {
        classes.add(
            new ClassPresence(
                classId,
                pixels,
                withConfidence ? Confidence.mean(classConfidences[classId], pixels) : null));
      }
    }
    return classes;
  }

  private int classOf(int component, Mask labels) {
    int run = measures.firstRun(component);
    return labels.get(components.start(run), components.row(run));
  }

  private double minArea(Mask labels) {
    return options.minAreaFraction() * labels.width() * labels.height();
  }
}
