package io.atrous.cli;

import io.atrous.calibration.CalibrationImages;
import io.atrous.calibration.Calibrator;
import io.atrous.calibration.Calibrator.Calibrated;
import io.atrous.calibration.LabelComparison;
import io.atrous.calibration.ScaleRule;
import io.atrous.dataset.DatasetException;
import io.atrous.dataset.DatasetFolder;
import io.atrous.dataset.ImageFolder;
import io.atrous.dataset.scene.Conditions;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.inference.EngineFailedException;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.ModelSpec;
import io.atrous.model.Quantization;
import io.atrous.model.Quantization.Accuracy;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code atrous model calibrate}: has a model compute in eight bits, and says what that costs. */
@Command(
    name = "calibrate",
    description = {
      "Writes into a model how it computes in eight bits (int8).",
      "Its activations are observed on some images; on others its labels are compared with those of"
          + " fp32. Parts of the network that cost too much keep more bits. docs/int8.md says more."
    },
    showDefaultValues = true)
final class ModelCommandCalibrate implements Callable<Integer> {

  private static final double MAX_CLASS_LOSS = 2;
  private static final double MAX_CLASS_LOSS_WITHOUT_TRUTH = 5;
  private static final List<String> OBSERVED_SPLITS = List.of("train");
  private static final List<String> HELD_OUT_SPLITS = List.of("val", "test");

  /** The figures that {@code --report} writes. */
  record Report(
      Accuracy accuracy,
      List<Calibrator.Part> parts,
      double fp32,
      double int8,
      List<ClassFigures> classes) {

    /** A class and its IoU; null where it does not occur. */
    record ClassFigures(String name, @Nullable Double fp32, @Nullable Double int8) {}
  }

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ModelArgument model = new ModelArgument();
  @Mixin private LabelsOption labels = new LabelsOption();
  @Mixin private ThreadsOption threads = new ThreadsOption();
  @Mixin private ReportFile report = new ReportFile();

  @Parameters(
      index = "1",
      arity = "0..1",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "IMAGES|DATASET",
      description = {
        "A folder of JPEG and PNG files, or the folder of a data set: its split train is observed,"
            + " and the split val, else test, held out. Without splits every second image is held"
            + " out."
      })
  private @Nullable Path folder;

  @Option(
      names = "--synthetic",
      paramLabel = "SEED",
      description = "Take synthetic scenes of this seed: of the training and the validation split.")
  private @Nullable Long synthetic;

  @Option(
      names = {"-o", "--output"},
      required = true,
      showDefaultValue = Visibility.NEVER,
      paramLabel = "FILE",
      description = "The model file to write; may be the one that is read.")
  private Path output = Path.of("");

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "The most images that are observed, and the most that are held out.")
  private int most = 64;

  @Option(
      names = "--rule",
      paramLabel = "RULE",
      description =
          "How the scale of an activation is chosen: max (the greatest fits), percentile (all but"
              + " one in ten thousand fit), mse (the squared error is least).")
  private ScaleRule rule = ScaleRule.MSE;

  @Option(
      names = "--max-part-loss",
      paramLabel = "POINTS",
      description = "Keep more bits in parts that alone cost more mean IoU on the images observed.")
  private double maxPartLoss = 0.1;

  @Option(
      names = "--max-class-loss",
      paramLabel = "POINTS",
      showDefaultValue = Visibility.NEVER,
      description = {
        "Write nothing if a class loses more IoU.",
        "  Default: 2; 5 where fp32's labels stand for the truth, since all differences then count"
      })
  private @Nullable Double maxClassLoss;

  /** Images to calibrate on and others to judge it on. */
  private record Images(CalibrationImages observed, CalibrationImages heldOut) {}

  @Override
  public Integer call() {
    invocation.requirePositive("--images", most);
    var unused = threads.count();
    if ((folder == null) == (synthetic == null)) {
      throw invocation.refused("Say what to observe: IMAGES, DATASET or --synthetic SEED");
    }
    if (!(model.open() instanceof ModelFile file)) {
      throw new ModelFileException(
          "A TorchScript file computes in what it was saved in and can't be calibrated");
    }
    if (file.untrained() > 0) {
      throw new ModelFileException(
          "Model file %s has %d untrained tensors: train it before it is calibrated"
              .formatted(file.origin(), file.untrained()));
    }
    OutputFile.requireWritable("--output", output);
    report.requireWritable();
    Images images = folder == null ? scenes(file.spec()) : images(folder, file.spec());
    Calibrated calibrated = calibrate(file, images);
    print(calibrated);
    Accuracy accuracy = calibrated.model().quantization().orElseThrow().accuracy();
    report.write(reported(calibrated, accuracy));
    double limit =
        maxClassLoss != null
            ? maxClassLoss
            : accuracy.truth() ? MAX_CLASS_LOSS : MAX_CLASS_LOSS_WITHOUT_TRUTH;
    if (!(accuracy.worstClassLoss() <= limit)) {
      PrintWriter err = invocation.err();
      err.printf(
          Locale.ROOT,
          "atrous: %s was not written: in int8 the class %s loses %.2f points of IoU, and"
              + " --max-class-loss is %s%n",
          output,
          accuracy.worstClass(),
          accuracy.worstClassLoss(),
          limit);
      err.flush();
      return Main.FAILED;
    }
    write(calibrated.model());
    return 0;
  }

  private Images scenes(ModelSpec spec) {
    long seed = synthetic == null ? 1 : synthetic;
    return new Images(
        CalibrationImages.of(scenes(Split.TRAINING, seed), spec, most),
        CalibrationImages.of(scenes(Split.VALIDATION, seed), spec, most));
  }

  private SceneFrames scenes(Split split, long seed) {
    return SceneFrames.likeTheDemos(split, seed, most, Conditions.USUAL);
  }

  private Images images(Path root, ModelSpec spec) {
    List<Path> files = plainImages(root);
    if (files.isEmpty()) {
      return ofDataset(labels.open(root, spec.classes()), spec);
    }
    List<Path> observed = new ArrayList<>();
    List<Path> heldOut = new ArrayList<>();
    int count = Math.min(2 * most, files.size());
    for (int i = 0; i < count; i++) {
      (i % 2 == 0 ? observed : heldOut).add(files.get((int) ((long) i * files.size() / count)));
    }
    return sound(CalibrationImages.of(observed, spec), CalibrationImages.of(heldOut, spec), root);
  }

  private static List<Path> plainImages(Path root) {
    if (!Files.isDirectory(root)) {
      throw new DatasetException("There is no folder " + root);
    }
    try {
      return ImageFolder.images(root);
    } catch (IOException e) {
      throw new StartException("Cannot read the folder " + root + ": " + e, e);
    }
  }

  private Images ofDataset(DatasetFolder dataset, ModelSpec spec) {
    String observed = first(dataset, OBSERVED_SPLITS);
    String heldOut = first(dataset, HELD_OUT_SPLITS);
    if (observed == null || heldOut == null) {
      throw new DatasetException(
          "Data set %s has no splits train and val (or test) to observe and to hold out; it has %s"
              .formatted(dataset.root(), dataset.splits()));
    }
    return sound(
        CalibrationImages.of(dataset.frames(observed), spec, most),
        CalibrationImages.of(dataset.frames(heldOut), spec, most),
        dataset.root());
  }

  private static @Nullable String first(DatasetFolder dataset, List<String> splits) {
    return splits.stream().filter(dataset.splits()::contains).findFirst().orElse(null);
  }

  private static Images sound(CalibrationImages observed, CalibrationImages heldOut, Path root) {
    if (observed.size() == 0 || heldOut.size() == 0) {
      throw new DatasetException(
          "%s has %d images to observe and %d to hold out: at least one of each is needed"
              .formatted(root, observed.size(), heldOut.size()));
    }
    return new Images(observed, heldOut);
  }

  private Calibrated calibrate(ModelFile file, Images images) {
    CountedProgress[] bar = new CountedProgress[1];
    try {
      return new Calibrator(
              file,
              rule,
              maxPartLoss,
              threads.count(),
              (done, total) -> {
                if (bar[0] == null) {
                  bar[0] = CountedProgress.standardError("step", total);
                }
                bar[0].show(done, "");
              })
          .calibrate(images.observed(), images.heldOut());
    } catch (EngineFailedException e) {
      throw new StartException("Nothing can be calibrated here: " + e.getMessage(), e);
    }
  }

  private void print(Calibrated calibrated) {
    PrintWriter out = invocation.out();
    Quantization quantization = calibrated.model().quantization().orElseThrow();
    Accuracy accuracy = quantization.accuracy();
    out.printf(Locale.ROOT, "%-36s %9s %10s%n", "in int8 alone", "mIoU loss", "agreement");
    for (Calibrator.Part part : calibrated.parts()) {
      out.printf(
          Locale.ROOT,
          "  %-34s %9.2f %10s%s%n",
          part.name(),
          part.loss(),
          ModelCommandImport.percent(part.agreement()),
          part.taken() ? "" : "  keeps more bits");
    }
    LabelComparison comparison = calibrated.comparison();
    ClassCatalog classes = calibrated.model().spec().classes();
    out.printf(
        Locale.ROOT,
        "%n%-36s %9s %10s %9s%n",
        accuracy.heldOutImages() + " other images, IoU",
        "fp32",
        "int8",
        "loss");
    for (int i = 0; i < classes.size(); i++) {
      row(out, classes.get(i).name(), comparison.wide(i), comparison.narrow(i));
    }
    row(
        out,
        "mean",
        OptionalDouble.of(comparison.wideMean()),
        OptionalDouble.of(comparison.narrowMean()));
    LabelledLines lines = new LabelledLines(out);
    out.println();
    lines.print("compared with", accuracy.truth() ? "the truth" : "the labels of fp32");
    lines.print("agreement", "%s with fp32", ModelCommandImport.percent(accuracy.agreement()));
    lines.print("worst class", "%s, %.2f points", accuracy.worstClass(), accuracy.worstClassLoss());
    lines.print("rule", accuracy.rule());
    lines.print("in int8", "%d convolutions", quantization.weights().size());
  }

  private static void row(PrintWriter out, String name, OptionalDouble fp32, OptionalDouble int8) {
    if (fp32.isPresent()) {
      out.printf(
          Locale.ROOT,
          "  %-34s %9.2f %10.2f %9.2f%n",
          name,
          100 * fp32.getAsDouble(),
          100 * int8.orElse(0),
          100 * (fp32.getAsDouble() - int8.orElse(0)));
    }
  }

  private static Report reported(Calibrated calibrated, Accuracy accuracy) {
    ClassCatalog classes = calibrated.model().spec().classes();
    LabelComparison comparison = calibrated.comparison();
    List<Report.ClassFigures> each = new ArrayList<>();
    for (int i = 0; i < classes.size(); i++) {
      each.add(
          new Report.ClassFigures(
              classes.get(i).name(), orNull(comparison.wide(i)), orNull(comparison.narrow(i))));
    }
    return new Report(
        accuracy, calibrated.parts(), comparison.wideMean(), comparison.narrowMean(), each);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private void write(ModelFile calibrated) {
    try {
      calibrated.write(output);
      new LabelledLines(invocation.out())
          .print("wrote", "%s (%.1f MB)", output, Files.size(output) / 1e6);
    } catch (IOException e) {
      throw new StartException("--output: cannot write " + output + ": " + e, e);
    }
  }
}
