package io.atrous.cli;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.TorchScriptEngine;
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
import io.atrous.training.Augmentation;
import io.atrous.training.ClassBalance;
import io.atrous.training.ConfusionMatrix;
import io.atrous.training.PolynomialSchedule;
import io.atrous.training.SceneEvaluation;
import io.atrous.training.SegmentationDataset;
import io.atrous.training.SyntheticDataset;
import io.atrous.training.Trainer;
import io.atrous.training.TrainingPlan;
import io.atrous.training.scene.Split;
import io.atrous.training.scene.StreetClass;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code atrous model train}: fits a network, writes it to a model file, and measures that. */
@Command(
    name = "train",
    description =
        "Trains a small street model on synthetic scenes, writes it now and then, and measures the"
            + " file as it will serve.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class ModelCommandTrain implements Callable<Integer> {

  /** Rare classes count more, but not so much more that they are seen everywhere. */
  private static final double BALANCE_POWER = 1.0 / 3;

  private static final int BALANCE_IMAGES = 60;
  private static final double DECAY_POWER = 0.9;
  private static final int WARM_UP_STEPS = 100;
  private static final int STEPS_PER_CHECKPOINT = 250;

  /** Pixels down and across, written HxW. */
  record Size(int height, int width) {
    @Override
    public String toString() {
      return height + "x" + width;
    }
  }

  static final class SizeConverter implements ITypeConverter<Size> {
    @Override
    public Size convert(String value) {
      if (!value.matches("[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")) {
        throw new TypeConversionException("'" + value + "' is not a size such as 256x448");
      }
      int cross = value.indexOf('x');
      return new Size(
          Integer.parseInt(value.substring(0, cross)),
          Integer.parseInt(value.substring(cross + 1)));
    }
  }

  @Spec private @Nullable CommandSpec command;

  @Option(
      names = "--synthetic",
      description = "Train on synthetic street scenes, the one source there is.")
  private boolean synthetic;

  @Option(
      names = {"-o", "--output"},
      required = true,
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

  @Option(names = "--optimizer", description = "One of: ${COMPLETION-CANDIDATES}.")
  private TrainingPlan.Rule optimizer = TrainingPlan.Rule.ADAMW;

  @Option(names = "--learning-rate", paramLabel = "RATE", description = "The highest rate.")
  private double learningRate = 0.003;

  @Option(names = "--scenes", paramLabel = "N", description = "How many scenes to train on.")
  private int scenes = 1000;

  @Option(names = "--seed", description = "Equal seeds give equal models.")
  private long seed = 1;

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = SizeConverter.class,
      description = "The model's input size.")
  private Size input = new Size(256, 448);

  @Option(
      names = "--crop",
      paramLabel = "HxW",
      converter = SizeConverter.class,
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

  @Option(names = "--model-version", description = "The model's version, as events carry it.")
  private String version = "1";

  @Option(
      names = "--measured-scenes",
      paramLabel = "N",
      description = "How many scenes of validation and of test the file is measured on.")
  private int measuredScenes = 40;

  @Override
  public Integer call() {
    requireSensible();
    // Loads PyTorch, which has the threads to set.
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(threads);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TrainableNetwork network = network(manager)) {
      train(manager, network);
    } catch (IllegalArgumentException e) {
      throw badArgument(String.valueOf(e.getMessage()));
    }
    measure();
    return 0;
  }

  private void train(NDManager manager, TrainableNetwork network) {
    ModelSpec spec =
        new ModelSpec(
            "street",
            version,
            network.spec(),
            StreetClass.catalog(),
            input.height(),
            input.width(),
            Normalization.IMAGENET,
            ResizePolicy.FIT);
    SegmentationDataset dataset =
        new SyntheticDataset(Split.TRAINING, seed, scenes, input.height(), input.width());
    TrainingPlan plan =
        new TrainingPlan(
            batch,
            new PolynomialSchedule(
                learningRate, steps, DECAY_POWER, Math.min(WARM_UP_STEPS, steps / 10)),
            optimizer,
            ClassBalance.weights(dataset, spec.classes().size(), BALANCE_IMAGES, BALANCE_POWER),
            seed);
    Augmentation augmentation = new Augmentation(crop.height(), crop.width(), minScale, maxScale);
    TrainingProgress progress = TrainingProgress.standardError(steps);
    try (Trainer trainer =
        new Trainer(manager, network, spec.normalization(), dataset, augmentation, plan)) {
      trainer.run(
          (step, loss) -> {
            progress.afterStep(step, loss);
            if ((step + 1) % STEPS_PER_CHECKPOINT == 0 || step + 1 == steps) {
              write(spec, network);
            }
          });
    }
  }

  private TrainableNetwork network(NDManager manager) {
    ClassCatalog classes = StreetClass.catalog();
    if (from == null) {
      return TrainableNetwork.initialize(streetNetwork(classes.size()), manager, seed);
    }
    ModelFile model = ModelFile.open(from);
    if (!model.spec().classes().equals(classes)) {
      throw badArgument("Model file " + from + " has other classes than the synthetic scenes");
    }
    return TrainableNetwork.of(Weights.of(model), manager);
  }

  /** A twentieth of the published network's multiply-adds per pixel, for a camera's CPU. */
  private static NetworkSpec streetNetwork(int classes) {
    NetworkSpec spec = NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 16, 16, 48, classes);
    return new NetworkSpec(
        spec.inputChannels(),
        classes,
        spec.block(),
        spec.baseWidth(),
        spec.stages(),
        spec.aspp(),
        new DecoderSpec(24, 48, 2),
        spec.alignCorners());
  }

  private void write(ModelSpec spec, TrainableNetwork network) {
    try {
      Weights.write(output, spec, network.weights(), StorageType.F16);
    } catch (IOException e) {
      throw new UncheckedIOException("can't write " + output, e);
    }
  }

  /** Measures the file as written, through the engine of the service. */
  private void measure() {
    ModelFile model = ModelFile.open(output);
    ModelSpec spec = model.spec();
    EngineSettings settings =
        new EngineSettings(
            new ExecutionTarget.Cpu(),
            spec.inputHeight(),
            spec.inputWidth(),
            1,
            false,
            threads,
            Path.of(System.getProperty("java.io.tmpdir")));
    StringBuilder summary = new StringBuilder();
    try (TorchScriptEngine engine = TorchScriptEngine.start(model, settings, System::nanoTime)) {
      for (Split split : List.of(Split.VALIDATION, Split.TEST)) {
        ConfusionMatrix matrix =
            SceneEvaluation.ofFrames(split, measuredScenes).measure(engine, spec);
        for (int index = 0; index < spec.classes().size(); index++) {
          out(
              "%-10s %-12s IoU %.3f",
              name(split),
              spec.classes().get(index).name(),
              matrix.intersectionOverUnion(index).orElse(Double.NaN));
        }
        summary.append(
            String.format(
                Locale.ROOT, ", %s mIoU %.3f", name(split), matrix.meanIntersectionOverUnion()));
      }
    }
    out("%s%s", output, summary);
  }

  private static String name(Split split) {
    return split.name().toLowerCase(Locale.ROOT);
  }

  private void out(String format, Object... values) {
    PrintWriter out = command().commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  /** Better now than after an hour. */
  private void requireSensible() {
    if (!synthetic) {
      throw badArgument("Say what to train on: --synthetic");
    }
    Path directory = output.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw badArgument("Can't write " + output + ": there is no writable directory " + directory);
    }
    if (measuredScenes < 1) {
      throw badArgument("--measured-scenes must be positive, not " + measuredScenes);
    }
  }

  private ParameterException badArgument(String sentence) {
    return new ParameterException(command().commandLine(), sentence);
  }

  private CommandSpec command() {
    if (command == null) {
      throw new IllegalStateException("picocli sets this before the call");
    }
    return command;
  }
}
