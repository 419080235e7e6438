package io.atrous.cli;

import io.atrous.dataset.DatasetFolder;
import io.atrous.dataset.LabeledFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.frame.DecodeLimits;
import io.atrous.model.ClassCatalog;
import io.atrous.training.FittedFrames;
import io.atrous.training.SyntheticDataset;
import io.atrous.training.TrainingData;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The arguments that say what to train on, as a mixin. */
final class TrainingSource {

  private static final String TRAINING = "train";
  private static final String VALIDATION = "val";

  /** Every tenth frame of a data set without splits is held out for validation. */
  private static final int HELD_OUT = 10;

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ClassesOption classes = new ClassesOption();
  @Mixin private LabelsOption labels = new LabelsOption();

  @Parameters(
      index = "0",
      arity = "0..1",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "DATASET",
      description =
          "The folder of a data set; its splits train and val, or nine tenths and a tenth of it.")
  private @Nullable Path folder;

  @Option(names = "--synthetic", description = "Train on synthetic street scenes.")
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

  /** Labelled images that were found but not looked at. */
  sealed interface Found {
    /** Returns the classes of the labels. */
    ClassCatalog classes();
  }

  private record Scenes() implements Found {
    @Override
    public ClassCatalog classes() {
      return StreetClass.catalog();
    }
  }

  private record Folder(DatasetFolder dataset) implements Found {
    @Override
    public ClassCatalog classes() {
      return dataset.labels().classes();
    }
  }

  /** Checks the arguments before anything is opened. */
  void requireSensible() {
    if (synthetic == (folder != null)) {
      throw invocation.refused("Say what to train on: the folder of a data set, or --synthetic");
    }
    invocation.requirePositive("--scenes", scenes);
    invocation.requirePositive("--validation-images", validationImages);
  }

  /** Finds the images. */
  Found find() {
    return folder == null ? new Scenes() : new Folder(labels.open(folder, classes.catalog()));
  }

  /**
   * Opens the images, as a network of that input size sees them, once all of them were checked.
   *
   * @param seed the seed of what is made rather than read
   * @throws io.atrous.dataset.DatasetException if some can't be used
   */
  TrainingData open(Found found, Size input, long seed) {
    if (found instanceof Folder files) {
      return read(files.dataset(), input);
    }
    return new TrainingData(
        "synthetic scenes, seed " + seed,
        found.classes(),
        new SyntheticDataset(Split.TRAINING, seed, scenes, input.height(), input.width()),
        new SyntheticDataset(Split.VALIDATION, 1, validationImages, input.height(), input.width()));
  }

  private TrainingData read(DatasetFolder dataset, Size input) {
    boolean split = !dataset.splits().isEmpty();
    boolean validated = !split || dataset.splits().contains(VALIDATION);
    LabeledFrames training = sound(dataset, split ? TRAINING : null);
    LabeledFrames validation = split && validated ? sound(dataset, VALIDATION) : training;
    List<Integer> fitted =
        IntStream.range(0, training.size())
            .filter(index -> split || !isHeldOut(index))
            .boxed()
            .toList();
    List<Integer> measured =
        IntStream.range(0, validated ? validation.size() : 0)
            .filter(index -> split || isHeldOut(index))
            .boxed()
            .toList();
    return new TrainingData(
        dataset.root().toString(),
        dataset.labels().classes(),
        fitted(training, fitted, input),
        fitted(validation, spread(measured), input));
  }

  private static boolean isHeldOut(int index) {
    return index % HELD_OUT == HELD_OUT - 1;
  }

  private static LabeledFrames sound(DatasetFolder dataset, @Nullable String split) {
    LabeledFrames frames = dataset.frames(split);
    DatasetOptions.check(dataset, split, Runtime.getRuntime().availableProcessors()).requireSound();
    return frames;
  }

  private static FittedFrames fitted(LabeledFrames frames, List<Integer> chosen, Size input) {
    return new FittedFrames(frames, chosen, DecodeLimits.DEFAULT, input.height(), input.width());
  }

  /** Returns the wanted number of entries, spread evenly: neighbours are often of one film. */
  private List<Integer> spread(List<Integer> numbers) {
    int count = Math.min(validationImages, numbers.size());
    return IntStream.range(0, count)
        .mapToObj(i -> numbers.get((int) ((long) i * numbers.size() / count)))
        .toList();
  }
}
