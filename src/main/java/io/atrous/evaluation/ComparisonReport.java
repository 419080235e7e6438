package io.atrous.evaluation;

import io.atrous.evaluation.EvaluationReport.ModelPart;
import io.atrous.model.ClassCatalog;
import io.atrous.model.SegmentationClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Two models on the same images: the difference of their IoU, the first minus the second, and an
 * interval for it by the bootstrap (Efron, "Bootstrap methods: another look at the jackknife",
 * 1979): the images are drawn anew, with replacement, and the middle {@value #LEVEL} of the
 * differences are the interval. An interval that does not hold 0 is a difference that other images
 * of the kind would show, too.
 *
 * @param images the number of images
 * @param resamples the number of draws
 * @param seed the seed of the draws
 * @param level the share of the draws that an interval holds
 * @param mean the difference of the mean IoU
 * @param classes the difference of each class
 */
public record ComparisonReport(
    ModelPart model,
    ModelPart other,
    int images,
    int resamples,
    long seed,
    double level,
    Difference mean,
    List<Difference> classes) {

  static final int RESAMPLES = 1000;
  static final double LEVEL = 0.95;

  /**
   * A difference.
   *
   * @param name the name of the class
   * @param model the first model's IoU; null if the class is absent
   * @param other the second model's IoU; null if the class is absent
   * @param difference the first minus the second; null if either is
   * @param low the lower end of the interval; null if the class occurs in too few draws
   * @param high the upper end of the interval
   */
  public record Difference(
      String name,
      @Nullable Double model,
      @Nullable Double other,
      @Nullable Double difference,
      @Nullable Double low,
      @Nullable Double high) {

    /** Returns whether other images of the kind would show a difference of this sign, too. */
    public boolean isClear() {
      return low != null && high != null && (low > 0 || high < 0);
    }
  }

  public ComparisonReport {
    classes = List.copyOf(classes);
  }

  /**
   * Compares two evaluations on the same frames.
   *
   * @param seed the seed of the draws
   */
  public static ComparisonReport of(Evaluation first, Evaluation second, long seed) {
    List<FrameScore> frames = first.frames();
    if (!names(first).equals(names(second))) {
      throw new IllegalArgumentException("models of other classes, or other frames");
    }
    ClassCatalog catalog = first.spec().classes();
    ClassCounts firstAll = sum(first, identity(frames.size()));
    ClassCounts secondAll = sum(second, identity(frames.size()));
    List<ClassCounts> firstDraws = new ArrayList<>();
    List<ClassCounts> secondDraws = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (int draw = 0; draw < RESAMPLES; draw++) {
      int[] images = random.ints(frames.size(), 0, frames.size()).toArray();
      firstDraws.add(sum(first, images));
      secondDraws.add(sum(second, images));
    }
    List<Difference> classes = new ArrayList<>();
    for (int index = 0; index < catalog.size(); index++) {
      int each = index;
      classes.add(
          difference(
              catalog.get(index).name(),
              counts -> counts.intersectionOverUnion(each),
              firstAll,
              secondAll,
              firstDraws,
              secondDraws));
    }
    Difference mean =
        difference(
            "mean",
            ClassCounts::meanIntersectionOverUnion,
            firstAll,
            secondAll,
            firstDraws,
            secondDraws);
    return new ComparisonReport(
        part(first), part(second), frames.size(), RESAMPLES, seed, LEVEL, mean, classes);
  }

  /** Returns the names of classes and frames. */
  private static List<List<String>> names(Evaluation evaluation) {
    return List.of(
        evaluation.spec().classes().classes().stream().map(SegmentationClass::name).toList(),
        evaluation.frames().stream().map(FrameScore::name).toList());
  }

  private static ModelPart part(Evaluation evaluation) {
    return new ModelPart(
        evaluation.spec().name(), evaluation.spec().version(), evaluation.model().sha256());
  }

  private static int[] identity(int size) {
    int[] images = new int[size];
    Arrays.setAll(images, index -> index);
    return images;
  }

  private static ClassCounts sum(Evaluation evaluation, int[] images) {
    ClassCounts sum = new ClassCounts(evaluation.matrix().classes());
    for (int image : images) {
      sum.add(evaluation.frames().get(image).counts());
    }
    return sum;
  }

  private static Difference difference(
      String name,
      Function<ClassCounts, OptionalDouble> figure,
      ClassCounts first,
      ClassCounts second,
      List<ClassCounts> firstDraws,
      List<ClassCounts> secondDraws) {
    List<Double> draws = new ArrayList<>();
    for (int draw = 0; draw < firstDraws.size(); draw++) {
      difference(figure.apply(firstDraws.get(draw)), figure.apply(secondDraws.get(draw)))
          .ifPresent(draws::add);
    }
    draws.sort(null);
    int outside = (int) Math.floor((1 - LEVEL) / 2 * draws.size() + 1e-9);
    OptionalDouble firstFigure = figure.apply(first);
    OptionalDouble secondFigure = figure.apply(second);
    return new Difference(
        name,
        EvaluationReport.rounded(firstFigure),
        EvaluationReport.rounded(secondFigure),
        EvaluationReport.rounded(difference(firstFigure, secondFigure)),
        draws.isEmpty() ? null : EvaluationReport.rounded(draws.get(outside)),
        draws.isEmpty() ? null : EvaluationReport.rounded(draws.get(draws.size() - 1 - outside)));
  }

  private static OptionalDouble difference(OptionalDouble first, OptionalDouble second) {
    return first.isPresent() && second.isPresent()
        ? OptionalDouble.of(first.getAsDouble() - second.getAsDouble())
        : OptionalDouble.empty();
  }
}
