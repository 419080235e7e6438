package io.atrous.cli;

import io.atrous.checkpoint.Agreement;
import io.atrous.checkpoint.Checkpoint;
import io.atrous.checkpoint.CheckpointImport;
import io.atrous.checkpoint.ImportOptions;
import io.atrous.checkpoint.Reference;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.model.ClassCatalog;
import io.atrous.model.ClassListing;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.Normalization;
import io.atrous.model.ResizePolicy;
import io.atrous.model.StorageType;
import io.atrous.network.Weights;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code atrous model import}: a model from weights that the user already has. */
@Command(
    name = "import",
    description = {
      "Makes a model file from a checkpoint of another project.",
      "It may be safetensors, or what torch.save wrote. No code in it is run."
    },
    footer = {
      "",
      "Known are the seed, jfzhang95/pytorch-deeplab-xception, VainF/DeepLabV3Plus-Pytorch,"
          + " segmentation_models.pytorch, torchvision (resnet18-152, deeplabv3_resnet50/101) and"
          + " the backbones of mmsegmentation. docs/models.md has the way for each."
    },
    showDefaultValues = true)
final class ModelCommandImport implements Callable<Integer> {

  private static final String STREET = "street";
  private static final int NAMED_PER_ROW = 20;

  /** The report that {@code --report} writes. */
  record Report(
      String family,
      int imported,
      int dropped,
      int fresh,
      @Nullable Double relativeError,
      @Nullable Double labelAgreement) {}

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private NewModel model = new NewModel();
  @Mixin private ReportFile report = new ReportFile();

  @Parameters(
      showDefaultValue = Visibility.NEVER,
      paramLabel = "FILE",
      description = "The checkpoint, or a folder that save_pretrained wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = {
        "What stands before the names of the network's tensors, such as state_dict.model_ema., if"
            + " the checkpoint holds more than one network.",
        "  Default: it is looked for"
      })
  private @Nullable String prefix;

  @Option(
      names = "--classes",
      paramLabel = "NAME|FILE",
      description = {
        "voc, cityscapes, ade20k, street (the synthetic scenes') or a file with a class a line:"
            + " its name and, if wanted, its colour as #RRGGBB.",
        "  Default: class-0, class-1 …"
      })
  private @Nullable String classes;

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = {"The model's input size.", "  Default: the project's usual one"})
  private @Nullable Size input;

  @Option(
      names = "--mean",
      paramLabel = "R,G,B",
      split = ",",
      description = "What is subtracted from pixels in 0..1; the default is ImageNet's.")
  private List<Double> mean = Normalization.IMAGENET.mean();

  @Option(
      names = "--std",
      paramLabel = "R,G,B",
      split = ",",
      description = "What the difference is divided by; the default is ImageNet's.")
  private List<Double> deviation = Normalization.IMAGENET.deviation();

  @Option(
      names = "--output-stride",
      paramLabel = "N",
      description = {"16 or 8, as it was trained.", "  Default: the project's usual one"})
  private @Nullable Integer outputStride;

  @Option(
      names = "--aspp-rates",
      paramLabel = "A,B,C",
      split = ",",
      description = {
        "Rates of the ASPP, as it was trained.",
        "  Default: the project's usual ones"
      })
  private @Nullable List<Integer> asppRates;

  @Option(
      names = "--fresh-decoder",
      description =
          "Take backbone and ASPP only, and start an untrained decoder for the classes: to train"
              + " on.")
  private boolean freshDecoder;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Equal seeds give equal untrained tensors.")
  private long seed = 1;

  @Option(
      names = "--storage",
      paramLabel = "TYPE",
      description = "What weights are stored in: f32, f16 or bf16.")
  private StorageType storage = StorageType.F32;

  @Option(
      names = "--reference",
      paramLabel = "FILE",
      description =
          "Safetensors with input [N, 3, H, W] as the network sees it, and the logits [N, classes,"
              + " H, W] that the project's own code gave: the model must give them too.")
  private @Nullable Path reference;

  @Override
  public Integer call() {
    model.requireWritable();
    report.requireWritable();
    ClassCatalog catalog = catalog();
    ImportOptions options =
        invocation.made(
            () ->
                new ImportOptions(
                    outputStride,
                    asppRates,
                    freshDecoder,
                    catalog == null ? null : catalog.size(),
                    seed,
                    prefix));
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      CheckpointImport plan = CheckpointImport.of(checkpoint, options);
      ModelSpec spec = spec(plan, catalog);
      describe(checkpoint, plan, spec);
      return write(plan, spec) ? 0 : Main.FAILED;
    } catch (IOException e) {
      throw new StartException("Cannot import " + file + ": " + e, e);
    }
  }

  private @Nullable ClassCatalog catalog() {
    if (classes == null) {
      return null;
    }
    return classes.equals(STREET)
        ? StreetClass.catalog()
        : ClassListing.ofDataSet(classes).orElseGet(() -> ClassListing.read(Path.of(classes)));
  }

  private ModelSpec spec(CheckpointImport plan, @Nullable ClassCatalog catalog) {
    if (mean.stream().anyMatch(value -> !(Math.abs(value) <= 1))) {
      throw invocation.refused("--mean is of pixels in 0..1: divide " + mean + " by 255");
    }
    int usual = plan.usualInputSize();
    Size size = input == null ? new Size(usual, usual) : input;
    return invocation.made(
        () ->
            new ModelSpec(
                model.name(file),
                model.version(),
                catalog == null ? ClassListing.numbered(plan.network().classes()) : catalog,
                size.height(),
                size.width(),
                new Normalization(mean, deviation),
                ResizePolicy.FIT));
  }

  /** Writes the model and the report; whether the model is what the reference says. */
  private boolean write(CheckpointImport plan, ModelSpec spec) throws IOException {
    if (reference != null && plan.fresh() > 0) {
      throw invocation.refused(
          "--reference has nothing to compare with: " + plan.fresh() + " tensors are untrained");
    }
    Reference expected = reference == null ? null : openReference(reference, plan.network());
    Path output = model.output();
    Path candidate = output.resolveSibling(output.getFileName() + ".candidate");
    try {
      writeModel(candidate, plan, spec);
      Agreement agreement = expected == null ? null : agreement(expected, candidate);
      report.write(reported(plan, agreement));
      StorageType rounding = coarser(storage, plan.storage());
      if (agreement != null && !(agreement.relativeError() <= Agreement.limit(rounding))) {
        PrintWriter err = invocation.err();
        err.printf(
            Locale.ROOT,
            "atrous: %s was not written: its logits differ from the reference by %.2g, and %.1g is"
                + " the most for %s; docs/models.md lists the usual causes%n",
            output,
            agreement.relativeError(),
            Agreement.limit(rounding),
            rounding);
        err.flush();
        return false;
      }
      Files.move(candidate, output, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(candidate);
    }
    row("wrote", "%s (%s, %.1f MB)", output, storage, Files.size(output) / 1e6);
    if (plan.fresh() > 0) {
      PrintWriter out = invocation.out();
      out.printf(
          "The %d fresh tensors are untrained: train the model before it serves (atrous model train"
              + " --from).%n",
          plan.fresh());
      out.flush();
    }
    return true;
  }

  private static StorageType coarser(StorageType one, StorageType other) {
    return Agreement.limit(one) < Agreement.limit(other) ? other : one;
  }

  private static Reference openReference(Path path, NetworkSpec network) {
    try {
      return Reference.open(path, network);
    } catch (ModelFileException e) {
      throw new ModelFileException("--reference: " + e.getMessage(), e);
    }
  }

  private void writeModel(Path path, CheckpointImport plan, ModelSpec spec) throws IOException {
    try {
      Weights.write(path, spec, plan.network(), plan.tensors(), storage, plan.fresh());
    } catch (IllegalArgumentException e) {
      throw new ModelFileException("Checkpoint " + file + " can't be stored: " + e.getMessage(), e);
    }
  }

  private Agreement agreement(Reference expected, Path model) throws IOException {
    Agreement agreement =
        expected.agreement(
            Weights.of(ModelFile.open(model)), Path.of(System.getProperty("java.io.tmpdir")));
    row("relative error", "%.2g", agreement.relativeError());
    row("label agreement", "%s", percent(agreement.labelAgreement()));
    return agreement;
  }

  /** A part of one in percent, rounded down: only all is 100 %. */
  static String percent(double part) {
    return new BigDecimal(Double.toString(part))
            .movePointRight(2)
            .setScale(2, RoundingMode.DOWN)
            .toPlainString()
        + " %";
  }

  private static Report reported(CheckpointImport plan, @Nullable Agreement agreement) {
    return new Report(
        plan.family().label(),
        plan.imported(),
        plan.dropped(),
        plan.fresh(),
        agreement == null ? null : agreement.relativeError(),
        agreement == null ? null : agreement.labelAgreement());
  }

  private void describe(Checkpoint checkpoint, CheckpointImport plan, ModelSpec spec) {
    row("family", "%s, %s", plan.family().label(), checkpoint.format());
    row("network", "%s", plan.network().summary());
    plan.configurationFile().ifPresent(path -> row("configuration", "%s", path));
    row("input", "%dx%d", spec.inputHeight(), spec.inputWidth());
    row(
        "tensors",
        "imported %d, dropped %d, fresh %d",
        plan.imported(),
        plan.dropped(),
        plan.fresh());
    List<String> notRead = plan.notRead();
    if (!notRead.isEmpty()) {
      int more = notRead.size() - NAMED_PER_ROW;
      row(
          "not read",
          "%s",
          notRead.stream()
              .limit(NAMED_PER_ROW)
              .collect(Collectors.joining(", ", "", more > 0 ? " and " + more + " more" : "")));
    }
  }

  private void row(String label, String format, Object... values) {
    new LabelledLines(invocation.out()).print(label, format, values);
  }
}
