package io.atrous.cli;

import io.atrous.inference.torch.PyTorch;
import io.atrous.model.ModelSpec;
import io.atrous.model.ResizePolicy;
import io.atrous.model.StorageType;
import io.atrous.network.TrainingPass;
import io.atrous.training.Augmentation;
import io.atrous.training.ClassBalance;
import io.atrous.training.OptimizerSettings;
import io.atrous.training.OptimizerSettings.Rule;
import io.atrous.training.PolynomialSchedule;
import io.atrous.training.TrainingData;
import io.atrous.training.TrainingFiles;
import io.atrous.training.TrainingLength;
import io.atrous.training.TrainingPlan;
import io.atrous.training.TrainingRun;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous model train}: fits a network and writes it to a model file. */
@Command(
    name = "train",
    description = {
      "Trains a model, or trains one further.",
      "The best one by validation is in the file; checkpoint, log and curves are in the folder of"
          + " its name that ends in .training. Ctrl-C ends with a checkpoint."
    },
    showDefaultValues = true)
final class ModelCommandTrain implements Callable<Integer> {

  private static final String NO_BALANCE = "none";
  private static final String BALANCED = "balanced";

  /** Rare classes count more, but not so much more that they are seen everywhere. */
  private static final double BALANCE_POWER = 1.0 / 3;

  private static final int BALANCE_IMAGES = 60;
  private static final int DEFAULT_STEPS = 4000;
  private static final double POWER = 0.9;
  private static final int MOST_WARM_UP_STEPS = 100;
  private static final double HEAD_RATE_FACTOR = 10;

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private TrainingSource source = new TrainingSource();
  @Mixin private TrainingStart start = new TrainingStart();
  @Mixin private StepOptions step = new StepOptions();
  @Mixin private NewModel model = new NewModel();

  @Option(
      names = "--resume",
      description = "Go on from the last checkpoint; all else is said as it was.")
  private boolean resume;

  @Option(names = "--epochs", paramLabel = "N", description = "How often to show each image.")
  private @Nullable Integer epochs;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = {"How many steps to take.", "  Default: " + DEFAULT_STEPS})
  private @Nullable Integer steps;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long to train; the rate falls by the clock.")
  private @Nullable Double minutes;

  @Option(
      names = {"--batch-size", "--batch"},
      paramLabel = "N",
      description = "Crops at a time.")
  private int batchSize = 8;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "How many such batches a step adds up.")
  private int accumulate = 1;

  @Option(
      names = {"--rate", "--learning-rate"},
      paramLabel = "RATE",
      description = {
        "The backbone's highest rate.",
        "  Default: adamw 0.003, sgd 0.05; of a trained network 0.0003 and 0.007"
      })
  private @Nullable Double rate;

  @Option(
      names = "--head-rate-factor",
      paramLabel = "FACTOR",
      description = {
        "The rate of all but the backbone, as a multiple of the backbone's.",
        "  Default: 10 if the backbone is trained, otherwise 1"
      })
  private @Nullable Double headRateFactor;

  @Option(
      names = "--weight-decay",
      paramLabel = "DECAY",
      description = {"Weight decay of all parameters.", "  Default: adamw 0.01, sgd 0.0001"})
  private @Nullable Double weightDecay;

  @Option(names = "--momentum", paramLabel = "MOMENTUM", description = "Momentum of sgd.")
  private double momentum = 0.9;

  @Option(names = "--nesterov", description = "Use Nesterov's momentum with sgd.")
  private boolean nesterov;

  @Option(
      names = "--class-weights",
      paramLabel = "WEIGHTS",
      description =
          "none, balanced (by each class's share of the pixels to the power of -1/3), or a number"
              + " for each class, with commas.")
  private String classWeights = BALANCED;

  @Option(
      names = "--freeze-batch-norm",
      description = "Leave batch norm's statistics as they are; its factors are trained.")
  private boolean freezeBatchNorm;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "Dropout after the ASPP's projection.")
  private double dropout;

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = {"The model's input size.", "  Default: the usual one of what it begins with"})
  private @Nullable Size input;

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

  @Option(
      names = "--validate-every",
      paramLabel = "N",
      description = "Steps from one validation, with a checkpoint, to the next; 0 for none.")
  private int validateEvery = 250;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Equal seeds give equal models on equal machines.")
  private long seed = 1;

  @Option(
      names = "--storage",
      paramLabel = "TYPE",
      description = "What weights are stored in: f32, f16 or bf16.")
  private StorageType storage = StorageType.F16;

  @Override
  public Integer call() throws Exception {
    requireSensible();
    TrainingSource.Found found = source.find();
    TrainingStart.Start beginning = start.open(found.classes(), seed);
    Size size = input == null ? beginning.input() : input;
    TrainingData data = invocation.made(() -> source.open(found, size, seed));
    TrainingFiles files = new TrainingFiles(model.output());
    TrainingProgress progress = TrainingProgress.standardError();
    TrainingRun run =
        invocation.made(
            "Can't train",
            () ->
                new TrainingRun(
                    new TrainingRun.Subject(
                        data,
                        spec(data, beginning, size),
                        beginning.network(),
                        beginning.weights(),
                        storage,
                        PyTorch.devices(step.device()),
                        step.workers()),
                    plan(data, beginning, size),
                    files,
                    progress,
                    System::nanoTime));
    out(
        "begins with %s; %d images to train on, %d to validate on",
        beginning.description(), data.training().size(), data.validation().size());
    AtomicBoolean stop = new AtomicBoolean();
    return OrderlyEnd.of(
        () -> {
          TrainingRun.Outcome outcome =
              invocation.made("Can't train", () -> run.run(resume, stop::get));
          progress.end();
          report(outcome, files);
          return 0;
        },
        () -> stop.set(true));
  }

  private ModelSpec spec(TrainingData data, TrainingStart.Start beginning, Size size) {
    return new ModelSpec(
        model.name(model.output()),
        model.version(),
        data.classes(),
        size.height(),
        size.width(),
        beginning.normalization(),
        ResizePolicy.FIT);
  }

  private TrainingPlan plan(TrainingData data, TrainingStart.Start beginning, Size size) {
    boolean trained = beginning.trained();
    boolean sgd = step.optimizer() == Rule.SGD;
    TrainingLength length = length(data);
    Size crops = step.crop(size);
    return new TrainingPlan(
        batchSize,
        accumulate,
        length,
        new PolynomialSchedule(
            rate != null ? rate : sgd ? (trained ? 0.007 : 0.05) : trained ? 0.0003 : 0.003,
            POWER,
            length instanceof TrainingLength.Steps counted
                ? Math.min(MOST_WARM_UP_STEPS, counted.count() / 10)
                : MOST_WARM_UP_STEPS,
            headRateFactor != null ? headRateFactor : trained ? HEAD_RATE_FACTOR : 1),
        new OptimizerSettings(
            step.optimizer(),
            weightDecay != null ? weightDecay : sgd ? 1e-4 : 1e-2,
            sgd ? momentum : 0,
            nesterov),
        classWeights(data),
        new Augmentation(crops.height(), crops.width(), minScale, maxScale),
        new TrainingPass(freezeBatchNorm, dropout),
        validateEvery,
        seed,
        step.threads());
  }

  private TrainingLength length(TrainingData data) {
    if (minutes != null) {
      return new TrainingLength.Time(Math.round(minutes * TimeUnit.MINUTES.toNanos(1)));
    }
    return epochs != null
        ? TrainingLength.Steps.ofEpochs(
            epochs, data.training().size(), Math.multiplyExact(batchSize, accumulate))
        : new TrainingLength.Steps(steps == null ? DEFAULT_STEPS : steps);
  }

  private List<Double> classWeights(TrainingData data) {
    int classes = data.classes().size();
    if (classWeights.equals(BALANCED)) {
      return ClassBalance.weights(data.training(), classes, BALANCE_IMAGES, BALANCE_POWER);
    } else if (classWeights.equals(NO_BALANCE)) {
      return Collections.nCopies(classes, 1.0);
    }
    List<Double> weights = new ArrayList<>();
    for (String number : classWeights.split(",", -1)) {
      try {
        weights.add(Double.valueOf(number));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "--class-weights is %s, %s or numbers with commas, not '%s'"
                .formatted(NO_BALANCE, BALANCED, classWeights),
            e);
      }
    }
    return weights;
  }

  private void report(TrainingRun.Outcome outcome, TrainingFiles files) {
    if (!outcome.finished()) {
      out("stopped after step %d; the same command with --resume goes on", outcome.steps());
    } else if (outcome.bestMeanIoU() == null) {
      out("%s, after step %d", model.output(), outcome.steps());
    } else {
      out(
          "%s, validation mIoU %.3f after step %d of %d",
          model.output(), outcome.bestMeanIoU(), outcome.bestStep(), outcome.steps());
    }
    out("log %s, curves %s", files.log(), files.curves());
  }

  private void out(String format, @Nullable Object... values) {
    PrintWriter out = invocation.out();
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  /** Checks the arguments before anything is opened. */
  private void requireSensible() {
    source.requireSensible();
    start.requireSensible();
    step.requireSensible();
    model.requireWritable();
    if (Stream.of(epochs, steps, minutes).filter(option -> option != null).count() > 1) {
      throw invocation.refused("--epochs, --steps and --minutes exclude each other");
    }
    invocation.requirePositive("--batch-size", batchSize);
    invocation.requirePositive("--accumulate", accumulate);
    if (epochs != null) {
      invocation.requirePositive("--epochs", epochs);
    }
  }
}
