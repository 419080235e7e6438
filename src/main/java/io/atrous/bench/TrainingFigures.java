package io.atrous.bench;

import static io.atrous.bench.FigureTable.number;

import io.atrous.bench.Rounds.Times;
import io.atrous.training.PhaseClock.Phase;
import io.atrous.training.StepTimes;
import java.util.List;

/**
 * The speed of a training's steps.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class TrainingFigures implements BenchFigures {

  private final String name;
  private final int cropsPerStep;
  private final StepTimes times;

  /**
   * A training's steps for machines.
   *
   * @param name unique within the report
   * @param imagesPerSecond crops per second in the median step
   * @param medianMillis the milliseconds of the median step
   * @param data the part of the time in which crops are waited for and brought to the device, 0 to
   *     1
   * @param forward the part of the network and its loss
   * @param backward the part of the gradients
   * @param optimizer the part of the optimizer
   */
  public record Row(
      String name,
      double imagesPerSecond,
      double medianMillis,
      double data,
      double forward,
      double backward,
      double optimizer) {}

  TrainingFigures(String name, int cropsPerStep, StepTimes times) {
    this.name = name;
    this.cropsPerStep = cropsPerStep;
    this.times = times;
  }

  private Row row() {
    double medianMillis = new Times(times.stepNanos()).medianMillis();
    return new Row(
        name,
        1000 * cropsPerStep / medianMillis,
        medianMillis,
        times.share(Phase.DATA),
        times.share(Phase.FORWARD),
        times.share(Phase.BACKWARD),
        times.share(Phase.OPTIMIZER));
  }

  @Override
  public List<Row> rows() {
    return List.of(row());
  }

  @Override
  public String table() {
    Row row = row();
    FigureTable table = new FigureTable(46, 9);
    table.line("", "images/s", "median ms", "data", "forward", "backward", "optimizer");
    table.line(
        name,
        number("%.2f", row.imagesPerSecond()),
        number("%.1f", row.medianMillis()),
        percent(row.data()),
        percent(row.forward()),
        percent(row.backward()),
        percent(row.optimizer()));
    return table.toString();
  }

  private static String percent(double part) {
    return number("%.1f %%", 100 * part);
  }
}
