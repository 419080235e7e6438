package io.atrous.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.dataset.scene.SplittableHash;
import io.atrous.model.Normalization;
import io.atrous.network.TrainableNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Takes the steps of a training, one at a time: which crops a step sees follows from the plan's
 * seed and the step's number alone.
 *
 * <p><b>Threading:</b> confined to one thread; crops are made on others. The network stays its
 * maker's.
 */
public final class Trainer implements AutoCloseable {

  private final TrainableNetwork network;
  private final Normalization normalization;
  private final TrainingPlan plan;
  private final List<Device> devices;
  private final CrossEntropy loss;
  private final NDManager manager;
  private final Optimizer optimizer;
  private final PhaseClock clock;
  private final TrainingStep step;
  private final CropLoader loader;
  private int next;

  /**
   * Where a training stands.
   *
   * @param nextStep the step to be taken next, from 0
   * @param optimizer the optimizer's state by the parameters' names
   */
  public record Position(int nextStep, Map<String, float[]> optimizer) {
    /** Before the first step. */
    public static final Position START = new Position(0, Map.of());
  }

  /**
   * Prepares to train.
   *
   * @param parent decides where the optimizer's state is
   * @param dataset thread-safe
   * @param devices the device of each replica of the network, at least one
   * @param workers the number of threads that make crops
   * @param start where to go on
   * @param nanoTime a clock, to measure the phases of a step by
   */
  public Trainer(
      NDManager parent,
      TrainableNetwork network,
      Normalization normalization,
      SegmentationDataset dataset,
      TrainingPlan plan,
      List<Device> devices,
      int workers,
      Position start,
      LongSupplier nanoTime) {
    if (plan.classWeights().size() != network.spec().classes()) {
      throw new IllegalArgumentException(
          "%d class weights for %d classes"
              .formatted(plan.classWeights().size(), network.spec().classes()));
    }
    if (plan.batchSize() % devices.size() != 0) {
      throw new IllegalArgumentException(
          "a batch of %d can't be spread evenly over %d devices"
              .formatted(plan.batchSize(), devices.size()));
    }
    this.network = network;
    this.normalization = normalization;
    this.plan = plan;
    this.devices = List.copyOf(devices);
    this.loss = new CrossEntropy(plan.classWeights());
    this.manager = parent.newSubManager();
    this.optimizer = plan.optimizer().optimizer(manager);
    this.optimizer.restore(start.optimizer());
    this.clock = new PhaseClock(nanoTime);
    this.step = new TrainingStep(network, loss, optimizer, plan.pass(), clock);
    this.next = start.nextStep();
    this.loader =
        new CropLoader(
            dataset, plan.augmentation(), plan.seed(), plan.cropsPerStep(), workers, next);
  }

  /**
   * Takes the next step.
   *
   * @param rate the backbone's learning rate
   * @return the loss before the step
   */
  public double step(double rate) {
    List<Crop> crops = loader.next();
    List<CropBatch> batches = new ArrayList<>();
    for (int first = 0; first < crops.size(); first += plan.batchSize()) {
      batches.add(batch(crops.subList(first, first + plan.batchSize())));
    }
    long chance = SplittableHash.of(plan.seed()).child("dropout").child(next).key();
    double value = step.take(batches, plan.schedule().rates(rate), chance, manager);
    next++;
    return value;
  }

  private CropBatch batch(List<Crop> crops) {
    double weight = crops.stream().mapToDouble(crop -> loss.weight(crop.labels())).sum();
    return new CropBatch(crops, weight, normalization, devices);
  }

  /** Returns where the training stands, in arrays of the caller's. */
  public Position position() {
    return new Position(next, optimizer.state());
  }

  /** The time that each phase took so far. */
  public PhaseClock clock() {
    return clock;
  }

  /** The network that is trained. */
  public TrainableNetwork network() {
    return network;
  }

  @Override
  public void close() {
    loader.close();
    manager.close();
  }
}
