package io.atrous.training;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.ModelFileException;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.StorageType;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.Weights;
import io.atrous.training.Trainer.Position;
import io.atrous.training.TrainingCheckpoint.Best;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A training from its first step to a model file: steps, validations, checkpoints, log and curves.
 *
 * <p>The model file holds the best model by validation, or the last one if nothing is validated. A
 * file that can't be written, as for want of space, is told of and tried again later; meanwhile the
 * training goes on, and what was written before stays whole.
 *
 * <p><b>Threading:</b> confined to one thread; asked to stop from any.
 */
public final class TrainingRun {

  /** Between checkpoints where there is no validation. */
  private static final long CHECKPOINT_NANOS = TimeUnit.MINUTES.toNanos(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Subject subject;
  private final TrainingPlan plan;
  private final TrainingFiles files;
  private final CheckpointFolder checkpoints;
  private final Listener listener;
  private final LongSupplier nanoTime;
  private long startNanos;
  private long checkpointNanos;
  private @Nullable Best best;
  private @Nullable Candidate unwritten;
  private int checkpointStep;
  private int validatedStep = -1;

  /** The best model so far, if it could not be written yet. */
  private record Candidate(Best best, Map<String, float[]> weights) {}

  /**
   * What is trained on what.
   *
   * @param spec the model to be made
   * @param weights the tensors to begin with, by name
   * @param storage the type in which the model's weights are stored
   * @param devices the device of each replica of the network
   * @param workers the number of threads that make crops
   */
  public record Subject(
      TrainingData data,
      ModelSpec spec,
      NetworkSpec network,
      Map<String, float[]> weights,
      StorageType storage,
      List<Device> devices,
      int workers) {

    /** Opens memory on the first device. */
    NDManager newManager() {
      return PyTorch.engine().newBaseManager(devices.get(0));
    }

    /**
     * Prepares to train.
     *
     * @param trained this network, in this memory
     * @param start where to go on
     * @param nanoTime a clock
     */
    Trainer trainer(
        NDManager manager,
        TrainableNetwork trained,
        TrainingPlan plan,
        Position start,
        LongSupplier nanoTime) {
      return new Trainer(
          manager,
          trained,
          spec.normalization(),
          data.training(),
          plan,
          devices,
          workers,
          start,
          nanoTime);
    }
  }

  /**
   * What came of a step.
   *
   * @param step the number of steps that were taken
   * @param epoch how often each image was shown
   * @param loss the weighted mean of the cross entropy before the step
   * @param rate the backbone's learning rate
   * @param imagesPerSecond crops per second in this step
   * @param done the part of the training that is over, 0 to 1
   * @param elapsedNanos the nanoseconds that were trained so far, over all processes
   */
  public record StepReport(
      int step,
      double epoch,
      double loss,
      double rate,
      double imagesPerSecond,
      double done,
      long elapsedNanos) {}

  /** Hears how a training comes along. */
  public interface Listener {

    /** Called once the parameters have moved. */
    void afterStep(StepReport report);

    /**
     * Called once the network was measured.
     *
     * @param best true if none was better so far
     */
    void validated(int step, ConfusionMatrix matrix, boolean best);

    /** Called when something could not be written, with a sentence that says so. */
    void troubled(String sentence);
  }

  /**
   * How a training ended.
   *
   * @param steps the number of steps that were taken
   * @param finished false if it was asked to stop
   * @param bestStep the number of steps after which the model in the file was measured; null if
   *     nothing was validated
   * @param bestMeanIoU that model's mean intersection over union on the validation set, or null
   */
  public record Outcome(
      int steps, boolean finished, @Nullable Integer bestStep, @Nullable Double bestMeanIoU) {}

  /**
   * Prepares a training.
   *
   * @param nanoTime a clock
   */
  public TrainingRun(
      Subject subject,
      TrainingPlan plan,
      TrainingFiles files,
      Listener listener,
      LongSupplier nanoTime) {
    this.subject = subject;
    this.plan = plan;
    this.files = files;
    this.checkpoints = new CheckpointFolder(files.folder());
    this.listener = listener;
    this.nanoTime = nanoTime;
  }

  /**
   * Trains.
   *
   * @param resume true to go on from the last checkpoint, false to begin
   * @param stop asked before each step whether to end with a checkpoint
   * @throws IllegalArgumentException if there is a checkpoint that would be lost, or none to go on
   *     from, or one of another training
   * @throws ModelFileException if the checkpoint is damaged
   * @throws TrainingFailedException if it can't go on
   */
  public Outcome run(boolean resume, BooleanSupplier stop) {
    TrainingCheckpoint start = start(resume);
    PyTorch.useThreads(plan.threads());
    try (NDManager manager = subject.newManager();
        TrainableNetwork network =
            TrainableNetwork.of(subject.network(), manager, start.weights());
        Trainer trainer = subject.trainer(manager, network, plan, start.position(), nanoTime)) {
      best = start.best();
      startNanos = nanoTime.getAsLong() - start.elapsedNanos();
      checkpointNanos = nanoTime.getAsLong();
      checkpointStep = start.position().nextStep();
      TrainingLog log = log(checkpointStep);
      int steps = train(trainer, log, manager, stop);
      boolean finished = done(steps) >= 1;
      if (finished) {
        finish(trainer, log, manager, steps);
      } else {
        checkpoint(trainer);
      }
      draw(log);
      return new Outcome(
          steps, finished, best == null ? null : best.step(), best == null ? null : best.meanIoU());
    }
  }

  private TrainingCheckpoint start(boolean resume) {
    JsonNode setup = setup();
    TrainingCheckpoint last = checkpoints.read().orElse(null);
    if (!resume) {
      if (last != null) {
        throw new IllegalArgumentException(
            "%s holds the checkpoint of a training after step %d: go on from it with --resume, or delete the folder"
                .formatted(files.folder(), last.position().nextStep()));
      }
      return new TrainingCheckpoint(setup, 0, null, subject.weights(), Position.START);
    }
    if (last == null) {
      throw new IllegalArgumentException(
          "%s holds no checkpoint to go on from".formatted(files.folder()));
    }
    List<String> differences = differences("", last.setup(), setup);
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s holds the checkpoint of another training: %s"
              .formatted(files.folder(), String.join("; ", differences)));
    }
    return last;
  }

  /** All that the numbers depend on, as it is read back from JSON. */
  private JsonNode setup() {
    ObjectNode setup = JSON.createObjectNode();
    setup.put("data", subject.data().name());
    setup.put("images", subject.data().training().size());
    setup.put("replicas", subject.devices().size());
    setup.set("model", JSON.valueToTree(subject.spec()));
    setup.set("network", JSON.valueToTree(subject.network()));
    setup.set("plan", JSON.valueToTree(plan));
    try {
      return JSON.readTree(JSON.writeValueAsString(setup));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a training can't be described", e);
    }
  }

  private static List<String> differences(String where, JsonNode was, JsonNode is) {
    if (!was.isObject() || !is.isObject()) {
      return was.equals(is) ? List.of() : List.of("%s was %s and is %s".formatted(where, was, is));
    }
    Set<String> names = new TreeSet<>();
    addNames(names, was);
    addNames(names, is);
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String place = where.isEmpty() ? name : where + "." + name;
      differences.addAll(differences(place, was.path(name), is.path(name)));
    }
    return differences;
  }

  private static void addNames(Set<String> names, JsonNode object) {
    for (Iterator<String> each = object.fieldNames(); each.hasNext(); ) {
      names.add(each.next());
    }
  }

  private TrainingLog log(int steps) {
    try {
      Files.createDirectories(files.folder());
      return TrainingLog.open(files.log(), steps);
    } catch (IOException e) {
      throw new TrainingFailedException("can't begin: can't write " + files.log() + ": " + e, e);
    }
  }

  private long elapsedNanos() {
    return nanoTime.getAsLong() - startNanos;
  }

  private double done(int step) {
    return plan.length().done(step, elapsedNanos());
  }

  private int train(Trainer trainer, TrainingLog log, NDManager manager, BooleanSupplier stop) {
    int steps = checkpointStep;
    while (done(steps) < 1 && !stop.getAsBoolean()) {
      long beganNanos = nanoTime.getAsLong();
      double rate = plan.schedule().rate(steps, done(steps));
      double loss = trainer.step(rate);
      steps++;
      requireFinite(loss, steps);
      double seconds = Math.max(1, nanoTime.getAsLong() - beganNanos) / 1e9;
      StepReport report =
          new StepReport(
              steps,
              (double) steps * plan.cropsPerStep() / subject.data().training().size(),
              loss,
              rate,
              plan.cropsPerStep() / seconds,
              done(steps),
              elapsedNanos());
      attempt(files.log().toString(), () -> log.step(report));
      listener.afterStep(report);
      if (plan.validateEvery() > 0 && steps % plan.validateEvery() == 0) {
        validate(trainer, log, manager, steps);
        checkpoint(trainer);
        draw(log);
      } else if (nanoTime.getAsLong() - checkpointNanos > CHECKPOINT_NANOS) {
        checkpoint(trainer);
        draw(log);
      }
    }
    return steps;
  }

  private void requireFinite(double loss, int step) {
    if (!Double.isFinite(loss)) {
      throw new TrainingFailedException(
          "the loss of step %d is %s: the rate is too high for this network and batch, or the weights to begin with are damaged; %s"
              .formatted(step, loss, lastCheckpoint()));
    }
  }

  private String lastCheckpoint() {
    return checkpointStep == 0
        ? "there is no checkpoint"
        : "the checkpoint of step %d in %s is whole".formatted(checkpointStep, files.folder());
  }

  private boolean validates() {
    return plan.validateEvery() > 0 && subject.data().validation().size() > 0;
  }

  private void validate(Trainer trainer, TrainingLog log, NDManager manager, int steps) {
    if (!validates()) {
      return;
    }
    ConfusionMatrix matrix =
        new Validation(subject.data().validation(), subject.spec())
            .measure(trainer.network(), manager);
    validatedStep = steps;
    double meanIoU = matrix.meanIntersectionOverUnion();
    Best leader = unwritten == null ? best : unwritten.best();
    boolean better = leader == null || meanIoU > leader.meanIoU();
    if (better) {
      unwritten = new Candidate(new Best(steps, meanIoU), trainer.network().weights());
    }
    attempt(files.model().toString(), this::writeBest);
    attempt(
        files.log().toString(),
        () -> log.validation(steps, matrix, subject.spec().classes(), better));
    listener.validated(steps, matrix, better);
  }

  /** Writes the best model, unless it is written. */
  private void writeBest() throws IOException {
    if (unwritten != null) {
      write(unwritten.weights());
      best = unwritten.best();
      unwritten = null;
    }
  }

  private void write(Map<String, float[]> weights) throws IOException {
    Weights.write(files.model(), subject.spec(), subject.network(), weights, subject.storage());
  }

  private void checkpoint(Trainer trainer) {
    Position position = trainer.position();
    if (attempt(
        files.folder().toString(), () -> checkpoints.write(checkpoint(trainer, position)))) {
      checkpointStep = position.nextStep();
    }
    checkpointNanos = nanoTime.getAsLong();
  }

  private TrainingCheckpoint checkpoint(Trainer trainer, Position position) {
    return new TrainingCheckpoint(
        setup(), elapsedNanos(), best, trainer.network().weights(), position);
  }

  private void draw(TrainingLog log) {
    attempt(files.curves().toString(), () -> TrainingCurves.write(files.curves(), log.course()));
  }

  /** Leaves the model behind, and no checkpoint once it is there. */
  private void finish(Trainer trainer, TrainingLog log, NDManager manager, int steps) {
    if (validatedStep != steps) {
      validate(trainer, log, manager, steps);
    }
    try {
      writeBest();
      if (best == null) {
        write(trainer.network().weights());
      }
      checkpoints.delete();
    } catch (IOException e) {
      checkpoint(trainer);
      throw new TrainingFailedException(
          "can't write %s: %s; %s, so make room and go on with --resume"
              .formatted(files.model(), e, lastCheckpoint()),
          e);
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  /** Writes something, or tells that it can't be written. */
  private boolean attempt(String what, Writing writing) {
    try {
      writing.run();
      return true;
    } catch (IOException e) {
      listener.troubled(
          "can't write %s: %s; the training goes on and tries again, and %s"
              .formatted(what, e, lastCheckpoint()));
      return false;
    }
  }
}
