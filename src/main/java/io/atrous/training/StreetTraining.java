package io.atrous.training;

import ai.djl.ndarray.NDManager;
import io.atrous.dataset.SegmentationDataset;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.inference.torch.PyTorch;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.StorageType;
import io.atrous.network.TrainableNetwork;
import io.atrous.network.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a street model from synthetic scenes: how the one in the jar was made (docs/training.md).
 *
 * @param version the model's version, as events carry it
 * @param inputHeight the input height of the model
 * @param inputWidth the input width of the model
 * @param scenes the number of scenes of the training split to draw
 * @param augmentation the random crops that a step is trained on
 * @param batchSize crops per step
 * @param schedule the number of steps, and the learning rate of each
 * @param rule the optimizer
 * @param seed the seed of weights, scenes and crops: equal seeds give equal models
 * @param threads cores to compute on
 */
public record StreetTraining(
    String version,
    int inputHeight,
    int inputWidth,
    int scenes,
    Augmentation augmentation,
    int batchSize,
    PolynomialSchedule schedule,
    TrainingPlan.Rule rule,
    long seed,
    int threads) {

  /** Rare classes count more, but not so much more that they are seen everywhere. */
  private static final double BALANCE_POWER = 1.0 / 3;

  private static final int BALANCE_IMAGES = 60;
  private static final int STEPS_PER_CHECKPOINT = 250;

  public StreetTraining {
    if (scenes < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "training takes at least one scene and one thread, not %d and %d"
              .formatted(scenes, threads));
    }
  }

  /**
   * Trains, and writes the model every few hundred steps and at the end.
   *
   * @param start the model whose network and weights to begin with, or null for a new network
   * @throws IllegalArgumentException if the numbers don't make a training
   * @throws IOException if the file can't be written
   */
  public void run(@Nullable ModelFile start, Path output, Trainer.Progress progress)
      throws IOException {
    ClassCatalog classes = StreetClass.catalog();
    if (start != null && !start.spec().classes().equals(classes)) {
      throw new IllegalArgumentException(
          "model file " + start.origin() + " has other classes than the street scenes");
    }
    PyTorch.useThreads(threads);
    SegmentationDataset dataset =
        new SyntheticDataset(Split.TRAINING, seed, scenes, inputHeight, inputWidth);
    TrainingPlan plan =
        new TrainingPlan(
            batchSize,
            schedule,
            rule,
            ClassBalance.weights(dataset, classes.size(), BALANCE_IMAGES, BALANCE_POWER),
            seed);
    try (NDManager manager = PyTorch.engine().newBaseManager();
        TrainableNetwork network =
            start == null
                ? TrainableNetwork.initialize(network(classes.size()), manager, seed)
                : TrainableNetwork.of(Weights.of(start), manager)) {
      ModelSpec spec =
          new ModelSpec(
              "street",
              version,
              classes,
              inputHeight,
              inputWidth,
              Normalization.IMAGENET,
              ResizePolicy.FIT);
      try (Trainer trainer =
          new Trainer(manager, network, spec.normalization(), dataset, augmentation, plan)) {
        trainer.run(
            (step, loss) -> {
              progress.afterStep(step, loss);
              if ((step + 1) % STEPS_PER_CHECKPOINT == 0 || step + 1 == schedule.steps()) {
                write(output, spec, network);
              }
            });
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void write(Path output, ModelSpec spec, TrainableNetwork network) {
    try {
      Weights.write(output, spec, network.spec(), network.weights(), StorageType.F16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** DeepLabv3+ in its smallest form, for a camera's CPU. */
  private static NetworkSpec network(int classes) {
    return NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 16, 16, 48, classes)
        .withDecoder(new DecoderSpec(24, 48, 2));
  }
}
