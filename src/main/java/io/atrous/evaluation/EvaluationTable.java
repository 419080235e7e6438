package io.atrous.evaluation;

import io.atrous.evaluation.ComparisonReport.Difference;
import io.atrous.evaluation.EvaluationReport.ClassPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reports as text for people.
 *
 * <p><b>Threading:</b> stateless.
 */
public final class EvaluationTable {

  private static final String ROW = "%-20s %9s %12s %10s %10s %10s\n";
  private static final String DIFFERENCE_ROW = "%-20s %9s %9s %11s  %s\n";

  private EvaluationTable() {}

  /** Returns the figures of a model, a line each. */
  public static String of(EvaluationReport report) {
    StringBuilder text = new StringBuilder();
    for (List<String> line : summary(report)) {
      text.append(line("%-22s %s\n", line.get(0), line.get(1)));
    }
    text.append(line("\n" + ROW, "class", "IoU", "pixels", "precision", "recall", "boundary F"));
    for (ClassPart part : report.classes()) {
      text.append(
          line(
              ROW,
              part.name(),
              part.iou() == null ? "absent" : number(part.iou()),
              part.pixels(),
              number(part.precision()),
              number(part.recall()),
              number(part.boundaryF())));
    }
    return text.toString();
  }

  /** Returns the figures of the whole set: a name and a value each. */
  static List<List<String>> summary(EvaluationReport report) {
    long absent = report.classes().stream().filter(part -> part.iou() == null).count();
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "model",
            "%s, version %s, sha256 %s"
                .formatted(
                    report.model().name(), report.model().version(), report.model().sha256())));
    lines.add(
        List.of(
            "network",
            "%s on %s, input %dx%d"
                .formatted(
                    report.precision(),
                    report.device(),
                    report.inputHeight(),
                    report.inputWidth())));
    lines.add(List.of("data set", report.dataset()));
    lines.add(
        List.of("images", "%d, %d pixels judged".formatted(report.images(), report.pixels())));
    lines.add(List.of("shown", report.protocol()));
    lines.add(
        List.of(
            "mean IoU",
            number(report.meanIoU())
                + (absent == 0 ? "" : " (%d classes absent: not averaged)".formatted(absent))));
    lines.add(List.of("pixel accuracy", number(report.pixelAccuracy())));
    lines.add(List.of("frequency-weighted IoU", number(report.frequencyWeightedIoU())));
    lines.add(
        List.of(
            "boundary F-score",
            line(
                "%s (within %.2f %% of the diagonal)",
                number(report.meanBoundaryF()), 100 * report.boundaryTolerance())));
    lines.add(
        List.of(
            "calibration error",
            line("%s (%d bins)", number(report.expectedCalibrationError()), Calibration.BINS)));
    return lines;
  }

  /** Returns the differences of two models, a line each. */
  public static String of(ComparisonReport report) {
    StringBuilder text = new StringBuilder();
    text.append(line("model                  %s\n", name(report.model())));
    text.append(line("other                  %s\n", name(report.other())));
    text.append(
        line(
            "interval               %.0f %%, %d bootstrap draws of the %d images, seed %d\n\n",
            100 * report.level(), report.resamples(), report.images(), report.seed()));
    text.append(line(DIFFERENCE_ROW, "IoU", "model", "other", "difference", "interval"));
    text.append(difference(report.mean()));
    report.classes().forEach(each -> text.append(difference(each)));
    return text.toString();
  }

  private static String difference(Difference each) {
    return line(
        DIFFERENCE_ROW,
        each.name(),
        each.model() == null ? "absent" : number(each.model()),
        each.other() == null ? "absent" : number(each.other()),
        signed(each.difference()),
        interval(each));
  }

  /** Returns an interval, and whether it is clear of 0. */
  static String interval(Difference each) {
    return each.low() == null
        ? ""
        : "%s to %s%s"
            .formatted(
                signed(each.low()),
                signed(each.high()),
                each.isClear() ? (each.low() > 0 ? "  better" : "  worse") : "");
  }

  private static String name(EvaluationReport.ModelPart model) {
    return "%s, version %s, sha256 %s".formatted(model.name(), model.version(), model.sha256());
  }

  static String number(@Nullable Double value) {
    return value == null ? "-" : line("%.4f", value);
  }

  static String signed(@Nullable Double value) {
    return value == null ? "-" : line("%+.4f", value);
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
