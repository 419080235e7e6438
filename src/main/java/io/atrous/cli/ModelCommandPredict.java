package io.atrous.cli;

import io.atrous.Engines;
import io.atrous.inference.ExecutionTarget;
import io.atrous.model.FileName;
import io.atrous.model.Model;
import io.atrous.prediction.NamedImage;
import io.atrous.prediction.Prediction;
import io.atrous.prediction.Prediction.ClassShare;
import io.atrous.prediction.PredictionOptions;
import io.atrous.prediction.PredictionReport;
import io.atrous.prediction.Predictor;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code atrous model predict}: image files to masks, without Kafka. */
@Command(
    name = "predict",
    description = "Segments image files as the service would, without Kafka.",
    footer = {
      "",
      "For each image: NAME.mask.png, 8-bit grey, a pixel's value being the index of its class, of"
          + " the image's size (the network's mask is scaled by nearest neighbour, as evaluation"
          + " does); NAME.overlay.jpg, the classes' colours over the image; a line on standard"
          + " output. And classes.json: what the indices mean, and each class's share of each"
          + " image.",
      "",
      "NAME is the image's without suffix, or with it, or below its folders, whatever tells all"
          + " images apart. Results of an earlier run are overwritten. EXIF orientation is ignored:"
          + " a mask lies on the image as it is stored.",
      "",
      "Exit code 2 if an image could not be read, or its name is not in the locale's encoding; the"
          + " others are done all the same."
    },
    showDefaultValues = true)
final class ModelCommandPredict implements Callable<Integer> {

  private static final String REPORT = "classes.json";

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ModelArgument model = new ModelArgument();
  @Mixin private EngineOptions options = new EngineOptions();

  @Parameters(
      index = "1..*",
      arity = "1..*",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "IMAGE",
      description = "JPEG and PNG files, and folders of them.")
  private List<String> images = List.of();

  @Option(
      names = {"-o", "--output"},
      required = true,
      showDefaultValue = Visibility.NEVER,
      paramLabel = "DIR",
      description = "Where the results go; made if it isn't there.")
  private Path output = Path.of("");

  @Option(
      names = "--overlay",
      paramLabel = "KIND",
      description = "How the pictures are stored: jpg, png or none.")
  private PredictionOptions.Picture overlay = PredictionOptions.Picture.JPG;

  @Option(
      names = "--confidence",
      description =
          "Write NAME.confidence.png too: 8-bit grey, 255 times the winning class's probability.")
  private boolean confidence;

  @Option(
      names = "--device",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "DEVICE",
      converter = EngineOptions.DeviceConverter.class,
      description = {
        "auto, cpu, cuda or cuda:N.",
        "  Default: auto, all CUDA devices if there are any, else the CPU"
      })
  private ExecutionTarget device = new ExecutionTarget.Auto();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "The most images per call of the network.")
  private int batch = 4;

  @Override
  public Integer call() {
    options.requireSensible();
    Model opened = options.accepted(model.open());
    OutputFile.makeFolder("--output", output);
    List<Path> files = new ArrayList<>();
    List<String> unnameable = new ArrayList<>();
    for (String image : images) {
      try {
        files.add(Path.of(image));
      } catch (InvalidPathException e) {
        unnameable.add(image);
      }
    }
    List<NamedImage> named = files.isEmpty() ? List.of() : find(files);
    Progress progress =
        new Progress(named.size() + unnameable.size(), new PredictionReport(opened, output));
    unnameable.forEach(image -> progress.failed(image, FileName.NOT_TEXT));
    try {
      if (!named.isEmpty()) {
        predict(opened, named, progress);
      }
      progress.report.write(output.resolve(REPORT));
    } catch (IOException e) {
      throw new StartException("--output: cannot write to " + output + ": " + e, e);
    }
    return progress.failures == 0 ? 0 : Main.BAD_INPUT;
  }

  private void predict(Model opened, List<NamedImage> named, Progress progress) throws IOException {
    try (Predictor predictor = start(opened, named.size())) {
      predictor.predict(named, progress);
    }
  }

  private List<NamedImage> find(List<Path> files) {
    try {
      return NamedImage.find(files, output);
    } catch (IOException e) {
      throw new StartException("cannot read a folder of images: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private Predictor start(Model opened, int imageCount) {
    return invocation.made(
        () ->
            Predictor.start(
                opened,
                // Larger ones would be warmed for nothing.
                options.settings(opened, device, Math.min(batch, imageCount), confidence),
                Engines.of(options.engine()),
                new PredictionOptions(output, overlay, confidence),
                System::nanoTime));
  }

  /** A line for each image, and a bar if there are several. */
  private final class Progress implements Predictor.Listener {

    private final PredictionReport report;
    private final @Nullable CountedProgress bar;
    private int done;
    private int failures;

    Progress(int imageCount, PredictionReport report) {
      this.report = report;
      this.bar = imageCount > 1 ? CountedProgress.standardError("image", imageCount) : null;
    }

    @Override
    public void predicted(Prediction prediction) {
      report.predicted(prediction);
      String shares =
          prediction.shares().stream().map(Progress::text).collect(Collectors.joining(", "));
      say(invocation.out(), prediction.image().image() + ": " + shares);
    }

    @Override
    public void failed(NamedImage image, String reason) {
      failed(image.image().toString(), reason);
    }

    void failed(String image, String reason) {
      report.failed(image, reason);
      failures++;
      say(invocation.err(), "atrous: " + image + ": " + reason);
    }

    private void say(PrintWriter writer, String line) {
      if (bar != null) {
        bar.clear();
      }
      writer.println(line);
      writer.flush();
      done++;
      if (bar != null) {
        bar.show(done, "");
      }
    }

    private static String text(ClassShare share) {
      return String.format(Locale.ROOT, "%s %.1f %%", share.name(), 100 * share.share());
    }
  }
}
