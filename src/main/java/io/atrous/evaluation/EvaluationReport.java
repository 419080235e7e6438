package io.atrous.evaluation;

import io.atrous.model.ClassCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The figures of an evaluation, as JSON has them: shares from 0 to 1 with six decimals, null where
 * there is nothing to divide by.
 *
 * @param device the device that computed, such as {@code cpu}
 * @param precision the precision of the network's body
 * @param dataset the name of the data set that the model was measured on
 * @param pixels the number of pixels whose truth is known
 * @param protocol the way in which frames were shown to the model
 * @param meanIoU the mean over the classes that occur in truth or prediction
 * @param boundaryTolerance the tolerance of the boundary F-score, as a share of the diagonal
 * @param confusion pixels by truth, then by prediction, in the classes' order
 */
public record EvaluationReport(
    ModelPart model,
    String device,
    String precision,
    int inputHeight,
    int inputWidth,
    String dataset,
    int images,
    long pixels,
    String protocol,
    double meanIoU,
    double pixelAccuracy,
    double frequencyWeightedIoU,
    @Nullable Double meanBoundaryF,
    double boundaryTolerance,
    double expectedCalibrationError,
    List<ClassPart> classes,
    List<List<Long>> confusion,
    List<Calibration.Bin> calibration,
    List<ImagePart> perImage) {

  private static final double DECIMALS = 1e6;

  /** The model that was measured. */
  public record ModelPart(String name, String version, String sha256) {}

  /**
   * A class.
   *
   * @param pixels the number of its pixels in the truth
   * @param predictedPixels the number of pixels that were taken for it
   * @param iou null if the class is absent from truth and prediction: it is not averaged then
   * @param precision null if no pixel was taken for it
   * @param recall null if there is no pixel of it
   * @param boundaryF null if it has no boundary
   */
  public record ClassPart(
      String name,
      long pixels,
      long predictedPixels,
      @Nullable Double iou,
      @Nullable Double precision,
      @Nullable Double recall,
      @Nullable Double boundaryF) {}

  /**
   * An image.
   *
   * @param meanIoU null if no pixel's truth is known
   */
  public record ImagePart(String name, @Nullable Double meanIoU) {}

  public EvaluationReport {
    classes = List.copyOf(classes);
    confusion = List.copyOf(confusion);
    calibration = List.copyOf(calibration);
    perImage = List.copyOf(perImage);
  }

  /**
   * Creates the report of an evaluation.
   *
   * @param dataset the name of the data set that the model was measured on
   */
  public static EvaluationReport of(Evaluation evaluation, String dataset) {
    ConfusionMatrix matrix = evaluation.matrix();
    return new EvaluationReport(
        new ModelPart(
            evaluation.spec().name(), evaluation.spec().version(), evaluation.model().sha256()),
        evaluation.engine().device(),
        evaluation.engine().precision(),
        evaluation.engine().inputHeight(),
        evaluation.engine().inputWidth(),
        dataset,
        evaluation.frames().size(),
        matrix.pixels(),
        evaluation.protocol().description(),
        rounded(matrix.meanIntersectionOverUnion()),
        rounded(matrix.pixelAccuracy()),
        rounded(matrix.frequencyWeightedIntersectionOverUnion()),
        rounded(evaluation.boundaries().mean()),
        BoundaryMatch.TOLERANCE,
        rounded(evaluation.calibration().expectedError()),
        classes(evaluation),
        confusion(matrix),
        evaluation.calibration().bins().stream().map(EvaluationReport::rounded).toList(),
        evaluation.frames().stream()
            .map(frame -> new ImagePart(frame.name(), rounded(frame.meanIntersectionOverUnion())))
            .toList());
  }

  private static List<ClassPart> classes(Evaluation evaluation) {
    ClassCatalog catalog = evaluation.spec().classes();
    ConfusionMatrix matrix = evaluation.matrix();
    List<ClassPart> classes = new ArrayList<>();
    for (int index = 0; index < catalog.size(); index++) {
      classes.add(
          new ClassPart(
              catalog.get(index).name(),
              matrix.truthPixels(index),
              matrix.predictedPixels(index),
              rounded(matrix.intersectionOverUnion(index)),
              rounded(matrix.precision(index)),
              rounded(matrix.recall(index)),
              rounded(evaluation.boundaries().score(index))));
    }
    return classes;
  }

  private static List<List<Long>> confusion(ConfusionMatrix matrix) {
    List<List<Long>> rows = new ArrayList<>();
    for (int truth = 0; truth < matrix.classes(); truth++) {
      List<Long> row = new ArrayList<>();
      for (int prediction = 0; prediction < matrix.classes(); prediction++) {
        row.add(matrix.count(truth, prediction));
      }
      rows.add(row);
    }
    return rows;
  }

  private static Calibration.Bin rounded(Calibration.Bin bin) {
    return new Calibration.Bin(
        rounded(bin.from()),
        rounded(bin.to()),
        bin.pixels(),
        rounded(bin.confidence()),
        rounded(bin.accuracy()));
  }

  static @Nullable Double rounded(OptionalDouble value) {
    return value.isPresent() ? rounded(value.getAsDouble()) : null;
  }

  static double rounded(double value) {
    return Math.round(value * DECIMALS) / DECIMALS;
  }
}
