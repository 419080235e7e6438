package io.atrous.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.model.ClassCatalog;
import io.atrous.model.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The course of a training as JSON, a line for each step and for each validation.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class TrainingLog {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STEP = "step";
  private static final String LOSS = "loss";
  private static final String RATE = "rate";
  private static final String MEAN_IOU = "meanIoU";

  private final Path file;
  private final TrainingCourse course = new TrainingCourse();
  private final List<String> unwritten = new ArrayList<>();

  private TrainingLog(Path file) {
    this.file = file;
  }

  /**
   * Opens a log, and drops what goes beyond a step: the training does that again.
   *
   * @param steps the number of steps that were taken; 0 for an empty log
   */
  static TrainingLog open(Path file, int steps) throws IOException {
    TrainingLog log = new TrainingLog(file);
    List<String> kept = new ArrayList<>();
    if (steps > 0 && Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        JsonNode entry = JSON.readTree(line);
        if (entry.path(STEP).asInt() <= steps) {
          kept.add(line);
          log.remember(entry);
        }
      }
    }
    byte[] bytes =
        kept.isEmpty()
            ? new byte[0]
            : (String.join("\n", kept) + "\n").getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(bytes));
    return log;
  }

  private void remember(JsonNode entry) {
    int step = entry.path(STEP).asInt();
    if (entry.has(LOSS)) {
      course.step(step, entry.path(LOSS).asDouble(), entry.path(RATE).asDouble());
    } else if (entry.has(MEAN_IOU)) {
      course.validation(step, entry.path(MEAN_IOU).asDouble());
    }
  }

  /** The course so far, earlier processes' included. */
  TrainingCourse course() {
    return course;
  }

  /** Notes a step. */
  void step(TrainingRun.StepReport report) throws IOException {
    ObjectNode entry = JSON.createObjectNode();
    entry.put(STEP, report.step());
    entry.put("epoch", report.epoch());
    entry.put(LOSS, report.loss());
    entry.put(RATE, report.rate());
    entry.put("imagesPerSecond", report.imagesPerSecond());
    entry.put("elapsedSeconds", report.elapsedNanos() / 1e9);
    course.step(report.step(), report.loss(), report.rate());
    append(entry);
  }

  /** Notes a validation. */
  void validation(int step, ConfusionMatrix matrix, ClassCatalog classes, boolean best)
      throws IOException {
    ObjectNode entry = JSON.createObjectNode();
    entry.put(STEP, step);
    entry.put(MEAN_IOU, matrix.meanIntersectionOverUnion());
    entry.put("best", best);
    ObjectNode each = entry.putObject("iou");
    for (int index = 0; index < classes.size(); index++) {
      String name = classes.get(index).name();
      matrix.intersectionOverUnion(index).ifPresent(iou -> each.put(name, iou));
    }
    course.validation(step, matrix.meanIntersectionOverUnion());
    append(entry);
  }

  /** Writes a line, and before it those that could not be written. */
  private void append(ObjectNode entry) throws IOException {
    unwritten.add(JSON.writeValueAsString(entry));
    try (BufferedWriter out =
        Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line : unwritten) {
        out.write(line + "\n");
      }
    }
    unwritten.clear();
  }
}
