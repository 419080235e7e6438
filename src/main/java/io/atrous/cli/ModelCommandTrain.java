package io.atrous.cli;

import io.atrous.dataset.scene.Split;
import io.atrous.evaluation.ConfusionMatrix;
import io.atrous.evaluation.SceneEvaluation;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.training.Augmentation;
import io.atrous.training.PolynomialSchedule;
import io.atrous.training.StreetTraining;
import io.atrous.training.TrainingPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous model train}: fits a network, writes it to a model file, and measures that. */
@Command(
    name = "train",
    description = {
      "Trains a small street model on synthetic scenes.",
      "Writes it now and then, and measures the file as it will serve."
    },
    showDefaultValues = true)
final class ModelCommandTrain implements Callable<Integer> {

  @Mixin private Invocation invocation = new Invocation();

  @Option(
      names = "--synthetic",
      description = "Train on synthetic street scenes, the one source there is.")
  private boolean synthetic;

  @Option(
      names = {"-o", "--output"},
      required = true,
      showDefaultValue = Visibility.NEVER,
      paramLabel = "FILE",
      description = "The model file to write.")
  private Path output = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "Begin with this model's network and weights.")
  private @Nullable Path from;

  @Option(names = "--steps", paramLabel = "N", description = "How many batches.")
  private int steps = 4000;

  @Option(names = "--batch", paramLabel = "N", description = "Crops per batch.")
  private int batch = 8;

  @Option(names = "--optimizer", paramLabel = "OPTIMIZER", description = "adamw or sgd.")
  private TrainingPlan.Rule optimizer = TrainingPlan.Rule.ADAMW;

  @Option(names = "--learning-rate", paramLabel = "RATE", description = "The highest rate.")
  private double learningRate = 0.003;

  @Option(names = "--scenes", paramLabel = "N", description = "How many scenes to train on.")
  private int scenes = 1000;

  @Option(names = "--seed", paramLabel = "N", description = "Equal seeds give equal models.")
  private long seed = 1;

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = "The model's input size.")
  private Size input = new Size(256, 448);

  @Option(
      names = "--crop",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = "How large the crops are.")
  private Size crop = new Size(128, 224);

  @Option(
      names = "--min-scale",
      paramLabel = "FACTOR",
      description = "The least magnification of a crop.")
  private double minScale = 0.5;

  @Option(
      names = "--max-scale",
      paramLabel = "FACTOR",
      description = "The greatest magnification of a crop.")
  private double maxScale = 1.25;

  @Option(names = "--threads", paramLabel = "N", description = "Cores to compute on.")
  private int threads = 1;

  @Option(
      names = "--model-version",
      paramLabel = "VERSION",
      description = "The model's version, as events carry it.")
  private String version = "1";

  @Option(
      names = "--measured-scenes",
      paramLabel = "N",
      description = "How many scenes of validation and of test the file is measured on.")
  private int measuredScenes = 40;

  @Override
  public Integer call() {
    requireSensible();
    try {
      measure(invocation.made("Can't train", this::trained));
    } catch (IOException e) {
      throw invocation.refused("Can't write " + output + ": " + e);
    }
    return 0;
  }

  private ModelFile trained() throws IOException {
    StreetTraining training =
        new StreetTraining(
            version,
            input.height(),
            input.width(),
            scenes,
            new Augmentation(crop.height(), crop.width(), minScale, maxScale),
            batch,
            PolynomialSchedule.deepLab(learningRate, steps),
            optimizer,
            seed,
            threads);
    training.run(
        from == null ? null : start(from),
        output,
        new TrainingProgress(CountedProgress.standardError("step", steps)));
    return ModelFile.open(output);
  }

  /** Training goes on from a network, which a program isn't. */
  private static ModelFile start(Path path) {
    if (Model.open(path) instanceof ModelFile file) {
      return file;
    }
    throw new ModelFileException(
        "--from: "
            + path
            + " is a TorchScript file; `atrous model import` makes a model of a"
            + " checkpoint");
  }

  /** Measures the file as written, through the engine of the service. */
  private void measure(ModelFile model) {
    ClassCatalog classes = model.spec().classes();
    StringBuilder summary = new StringBuilder();
    for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
      String name = split.name().toLowerCase(Locale.ROOT);
      ConfusionMatrix matrix =
          SceneEvaluation.ofFrames(split, measuredScenes).measure(model, threads, System::nanoTime);
      for (int index = 0; index < classes.size(); index++) {
        out(
            "%-10s %-12s IoU %.3f",
            name,
            classes.get(index).name(),
            matrix.intersectionOverUnion(index).orElse(Double.NaN));
      }
      summary.append(
          String.format(Locale.ROOT, ", %s mIoU %.3f", name, matrix.meanIntersectionOverUnion()));
    }
    out("%s%s", output, summary);
  }

  private void out(String format, Object... values) {
    PrintWriter out = invocation.out();
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  /** Checks the arguments before the training begins. */
  private void requireSensible() {
    if (!synthetic) {
      throw invocation.refused("Say what to train on: --synthetic");
    }
    OutputFile.requireWritable("--output", output);
    invocation.requirePositive("--measured-scenes", measuredScenes);
  }
}
