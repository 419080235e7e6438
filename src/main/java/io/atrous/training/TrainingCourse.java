package io.atrous.training;

import java.util.ArrayList;
import java.util.List;

/**
 * How loss, rate and validation went, step by step.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class TrainingCourse {

  /**
   * A value after a number of steps.
   *
   * @param step the number of steps that were taken
   */
  record Point(int step, double value) {}

  private final List<Point> losses = new ArrayList<>();
  private final List<Point> rates = new ArrayList<>();
  private final List<Point> meanIoUs = new ArrayList<>();

  void step(int step, double loss, double rate) {
    losses.add(new Point(step, loss));
    rates.add(new Point(step, rate));
  }

  void validation(int step, double meanIoU) {
    meanIoUs.add(new Point(step, meanIoU));
  }

  List<Point> losses() {
    return losses;
  }

  List<Point> rates() {
    return rates;
  }

  List<Point> meanIoUs() {
    return meanIoUs;
  }
}
