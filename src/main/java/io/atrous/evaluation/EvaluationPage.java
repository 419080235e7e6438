package io.atrous.evaluation;

import io.atrous.dataset.DatasetException;
import io.atrous.dataset.LabeledFrames;
import io.atrous.evaluation.ComparisonReport.Difference;
import io.atrous.evaluation.Evaluation.Observed;
import io.atrous.evaluation.EvaluationReport.ClassPart;
import io.atrous.frame.FrameDecoder;
import io.atrous.frame.FrameEncoder;
import io.atrous.frame.FrameRejectedException;
import io.atrous.frame.RgbImage;
import io.atrous.model.ClassCatalog;
import io.atrous.model.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation as one web page that needs nothing beside it: the figures, the confusion of classes
 * as a picture, and the worst images with truth, prediction and difference.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class EvaluationPage {

  /** The page's name in its folder. */
  public static final String FILE = "index.html";

  private static final int JPEG_QUALITY = 85;
  private static final int CELL = 22;
  private static final int LABELS = 150;

  /** Below this share a cell of the confusion has no number of its own. */
  private static final double LEAST_WRITTEN = 0.005;

  private static final String STYLE =
      """
      body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#1b1b1b;background:#fff}
      h1{font-size:1.5em}h2{font-size:1.2em;margin-top:2em}
      table{border-collapse:collapse}th,td{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}
      th:first-child,td:first-child{text-align:left}td.text{text-align:left}
      .swatch{display:inline-block;width:.9em;height:.9em;margin-right:.5em;border:1px solid #888;vertical-align:-.1em}
      .worst{display:grid;grid-template-columns:repeat(4,1fr);gap:.4em}.worst img{width:100%}
      figure{margin:1.2em 0}figcaption{margin-bottom:.3em}svg text{font:11px system-ui,sans-serif}
      """;

  private final ClassCatalog classes;
  private final StringBuilder html = new StringBuilder();

  private EvaluationPage(ClassCatalog classes) {
    this.classes = classes;
  }

  /**
   * Writes the page.
   *
   * @param folder the folder to write it in
   * @param frames the frames that were evaluated
   * @param comparison the comparison with another model; null if there is none
   * @throws IOException if it can't be written
   */
  public static void write(
      Path folder,
      Evaluation evaluation,
      EvaluationReport report,
      @Nullable ComparisonReport comparison,
      LabeledFrames frames)
      throws IOException {
    EvaluationPage page = new EvaluationPage(evaluation.spec().classes());
    page.figures(report);
    if (comparison != null) {
      page.comparison(comparison);
    }
    page.confusion(report);
    page.calibration(report);
    page.worst(evaluation.worst(), frames);
    page.html.append("</body></html>\n");
    byte[] bytes = page.html.toString().getBytes(StandardCharsets.UTF_8);
    WholeFile.write(folder.resolve(FILE), out -> out.write(bytes));
  }

  private void figures(EvaluationReport report) {
    String title = escaped("Evaluation of " + report.model().name());
    html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.append("<title>").append(title).append("</title>\n<style>\n").append(STYLE);
    html.append("</style></head><body>\n<h1>").append(title).append("</h1>\n<table>\n");
    for (List<String> line : EvaluationTable.summary(report)) {
      row("<td>%s</td><td class=\"text\">%s</td>", line.get(0), line.get(1));
    }
    html.append("</table>\n<h2>Classes</h2>\n<table>\n");
    html.append(
        "<tr><th>class</th><th>IoU</th><th>pixels</th><th>precision</th><th>recall</th>"
            + "<th>boundary F</th></tr>\n");
    for (int index = 0; index < classes.size(); index++) {
      ClassPart part = report.classes().get(index);
      row(
          "<td><span class=\"swatch\" style=\"background:%s\"></span>%s</td><td>%s</td><td>%s</td>"
              + "<td>%s</td><td>%s</td><td>%s</td>",
          colour(classes.get(index).rgb()),
          part.name(),
          part.iou() == null ? "absent: not averaged" : EvaluationTable.number(part.iou()),
          Long.toString(part.pixels()),
          EvaluationTable.number(part.precision()),
          EvaluationTable.number(part.recall()),
          EvaluationTable.number(part.boundaryF()));
    }
    html.append("</table>\n");
  }

  private void comparison(ComparisonReport report) {
    append(
        "<h2>Compared with %s, version %s</h2>\n", report.other().name(), report.other().version());
    append(
        "<p>IoU; the difference is this model's minus the other's, with its interval of %s %% by"
            + " %s bootstrap draws of the images.</p>\n<table>\n",
        Long.toString(Math.round(100 * report.level())), Integer.toString(report.resamples()));
    html.append(
        "<tr><th>class</th><th>this</th><th>other</th><th>difference</th><th>interval</th></tr>\n");
    difference(report.mean());
    report.classes().forEach(this::difference);
    html.append("</table>\n");
  }

  private void difference(Difference each) {
    row(
        "<td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
        each.name(),
        EvaluationTable.number(each.model()),
        EvaluationTable.number(each.other()),
        EvaluationTable.signed(each.difference()),
        EvaluationTable.interval(each));
  }

  private void confusion(EvaluationReport report) {
    int side = classes.size() * CELL;
    html.append("<h2>Confusion</h2>\n<p>Each row is a class in truth; a cell is the share of its")
        .append(" pixels, in %, that were taken for the class of the column.</p>\n");
    append(
        "<svg width=\"%s\" height=\"%s\" role=\"img\" aria-label=\"Confusion of classes\">\n",
        Integer.toString(side + LABELS + 1), Integer.toString(side + LABELS + 1));
    for (int truth = 0; truth < classes.size(); truth++) {
      int y = LABELS + truth * CELL;
      append(
          "<text x=\"%s\" y=\"%s\" text-anchor=\"end\">%s</text>\n",
          Integer.toString(LABELS - 6), Integer.toString(y + 15), classes.get(truth).name());
      append(
          "<text transform=\"translate(%s,%s) rotate(-90)\">%s</text>\n",
          Integer.toString(y + 15), Integer.toString(LABELS - 6), classes.get(truth).name());
      long all = report.classes().get(truth).pixels();
      for (int prediction = 0; prediction < classes.size(); prediction++) {
        long pixels = report.confusion().get(truth).get(prediction);
        if (pixels > 0) {
          cell(LABELS + prediction * CELL, y, (double) pixels / all, truth == prediction);
        }
      }
    }
    append(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"none\" stroke=\"#888\"/>\n</svg>\n",
        Integer.toString(LABELS),
        Integer.toString(LABELS),
        Integer.toString(side),
        Integer.toString(side));
  }

  /** Draws a share: right ones blue, wrong ones red, the darker the larger. */
  private void cell(int x, int y, double share, boolean right) {
    append(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"%s\" fill-opacity=\"%s\"/>\n",
        Integer.toString(x),
        Integer.toString(y),
        Integer.toString(CELL),
        Integer.toString(CELL),
        right ? "#1f5fa8" : "#c0271c",
        String.format(Locale.ROOT, "%.3f", Math.sqrt(share)));
    if (share >= LEAST_WRITTEN) {
      append(
          "<text x=\"%s\" y=\"%s\" text-anchor=\"middle\" fill=\"%s\">%s</text>\n",
          Integer.toString(x + CELL / 2),
          Integer.toString(y + 15),
          share > 0.3 ? "#fff" : "#000",
          Long.toString(Math.round(100 * share)));
    }
  }

  private void calibration(EvaluationReport report) {
    html.append("<h2>Calibration</h2>\n<table>\n<tr><th>confidence</th><th>pixels</th>")
        .append("<th>mean confidence</th><th>accuracy</th></tr>\n");
    for (Calibration.Bin bin : report.calibration()) {
      if (bin.pixels() > 0) {
        row(
            "<td>%s to %s</td><td>%s</td><td>%s</td><td>%s</td>",
            String.format(Locale.ROOT, "%.3f", bin.from()),
            String.format(Locale.ROOT, "%.3f", bin.to()),
            Long.toString(bin.pixels()),
            EvaluationTable.number(bin.confidence()),
            EvaluationTable.number(bin.accuracy()));
      }
    }
    html.append("</table>\n");
  }

  private void worst(List<Observed> worst, LabeledFrames frames) {
    html.append("<h2>The worst images</h2>\n<p>The picture; the truth; the prediction; and the")
        .append(" difference: wrong pixels red, pixels that are not judged black.</p>\n");
    FrameDecoder decoder = new FrameDecoder(WholeFrame.LIMITS);
    for (Observed each : worst) {
      Observation seen = each.observation();
      RgbImage picture = picture(decoder, frames, each.score().index());
      RgbImage part =
          Pictures.part(
              picture, seen.left(), seen.top(), seen.truth().width(), seen.truth().height());
      MaskPictures pictures = new MaskPictures(part, classes);
      append(
          "<figure><figcaption>%s: mean IoU %s</figcaption><div class=\"worst\">\n",
          each.score().name(),
          EvaluationTable.number(
              EvaluationReport.rounded(each.score().meanIntersectionOverUnion())));
      image("picture", "jpeg", FrameEncoder.jpeg(pictures.picture(), JPEG_QUALITY));
      image("truth", "png", FrameEncoder.png(pictures.classes(seen.truth())));
      image("prediction", "png", FrameEncoder.png(pictures.classes(seen.labels())));
      image(
          "difference",
          "jpeg",
          FrameEncoder.jpeg(pictures.difference(seen.truth(), seen.labels()), JPEG_QUALITY));
      html.append("</div></figure>\n");
    }
  }

  private static RgbImage picture(FrameDecoder decoder, LabeledFrames frames, int index) {
    try {
      return decoder.decode(frames.get(index).frame());
    } catch (FrameRejectedException e) {
      throw new DatasetException("Cannot use " + frames.name(index) + ": " + e.getMessage(), e);
    }
  }

  private void image(String what, String type, byte[] bytes) {
    append("<img alt=\"%s\" src=\"data:image/%s;base64,", what, type);
    html.append(Base64.getEncoder().encodeToString(bytes)).append("\">\n");
  }

  private void row(String cells, String... texts) {
    append("<tr>" + cells + "</tr>\n", texts);
  }

  /** Appends markup with texts in it, which come from files of others. */
  private void append(String markup, String... texts) {
    Object[] escaped = new Object[texts.length];
    for (int i = 0; i < texts.length; i++) {
      escaped[i] = escaped(texts[i]);
    }
    html.append(String.format(Locale.ROOT, markup, escaped));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String colour(int rgb) {
    return String.format(Locale.ROOT, "#%06x", rgb);
  }
}
