package io.atrous.cli;

import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.model.ClassCatalog;
import io.atrous.training.SyntheticDataset;
import io.atrous.training.TrainingData;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what to train on, as a mixin. */
final class TrainingSource {

  @Mixin private Invocation invocation = new Invocation();

  @Option(
      names = "--synthetic",
      description = "Train on synthetic street scenes, the one source there is.")
  private boolean synthetic;

  @Option(
      names = "--scenes",
      paramLabel = "N",
      description = "How many synthetic scenes to train on.")
  private int scenes = 1000;

  @Option(
      names = "--validation-images",
      paramLabel = "N",
      description = "The most images to validate on; none are trained on.")
  private int validationImages = 40;

  /** Checks the arguments before anything is opened. */
  void requireSensible() {
    if (!synthetic) {
      throw invocation.refused("Say what to train on: --synthetic");
    }
    invocation.requirePositive("--scenes", scenes);
    invocation.requirePositive("--validation-images", validationImages);
  }

  /** The classes of the labels. */
  ClassCatalog classes() {
    return StreetClass.catalog();
  }

  /**
   * Opens the images, as a network of that input size sees them.
   *
   * @param seed the seed of what is made rather than read
   */
  TrainingData open(Size input, long seed) {
    return new TrainingData(
        "synthetic scenes, seed " + seed,
        classes(),
        new SyntheticDataset(Split.TRAINING, seed, scenes, input.height(), input.width()),
        new SyntheticDataset(Split.VALIDATION, 1, validationImages, input.height(), input.width()));
  }
}
