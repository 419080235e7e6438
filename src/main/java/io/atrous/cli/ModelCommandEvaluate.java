package io.atrous.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.Engines;
import io.atrous.dataset.DatasetFolder;
import io.atrous.dataset.LabeledFrames;
import io.atrous.dataset.scene.Conditions;
import io.atrous.dataset.scene.SceneFrames;
import io.atrous.dataset.scene.Split;
import io.atrous.dataset.scene.StreetClass;
import io.atrous.evaluation.ComparisonReport;
import io.atrous.evaluation.Evaluation;
import io.atrous.evaluation.EvaluationPage;
import io.atrous.evaluation.EvaluationReport;
import io.atrous.evaluation.EvaluationTable;
import io.atrous.evaluation.Evaluator;
import io.atrous.evaluation.TestProtocol;
import io.atrous.inference.EngineSettings;
import io.atrous.inference.ExecutionTarget;
import io.atrous.inference.PrecisionChoice;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Model;
import io.atrous.model.SegmentationClass;
import io.atrous.settings.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code atrous model evaluate}: how good a model is, as it serves. */
@Command(
    name = "evaluate",
    description = {
      "Measures a model on labelled images, run as the service runs it.",
      "docs/evaluation.md says what each figure means, docs/datasets.md how images are labelled."
    },
    showDefaultValues = true)
final class ModelCommandEvaluate implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The splits that models are measured on, the first that is there. */
  private static final List<String> USUAL_SPLITS = List.of("test", "val");

  /** The ways in which frames can be shown to a model. */
  enum Protocol {
    WHOLE,
    CENTRE_CROP,
    MULTI_SCALE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private record Compared(
      EvaluationReport model, EvaluationReport other, ComparisonReport comparison) {}

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ModelArgument model = new ModelArgument();
  @Mixin private DatasetOptions labels = new DatasetOptions();
  @Mixin private EngineOptions options = new EngineOptions();

  @Parameters(
      index = "1",
      arity = "0..1",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "DATASET",
      description = "The folder of a data set; of its split test, else val, else all of it.")
  private @Nullable Path folder;

  @Option(
      names = "--synthetic",
      paramLabel = "SEED",
      description = "Measure on the test split of the synthetic scenes, of this seed.")
  private @Nullable Long synthetic;

  @Option(names = "--count", paramLabel = "N", description = "How many synthetic scenes.")
  private int count = 100;

  @Option(
      names = "--conditions",
      paramLabel = "CONDITIONS",
      description =
          "Those of the synthetic scenes: usual, or hard: by night, in rain or in unseen colours.")
  private Conditions conditions = Conditions.USUAL;

  @Option(
      names = "--compare",
      paramLabel = "MODEL",
      description = "Measure this model, too, and say what MODEL gains on it.")
  private @Nullable String other;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The seed of the draws for the intervals of a comparison.")
  private long seed = 1;

  @Option(
      names = "--protocol",
      paramLabel = "PROTOCOL",
      converter = ProtocolConverter.class,
      description = {
        "How images are shown: whole, as the service does; centre-crop, the middle in the input's"
            + " aspect ratio; multi-scale, at several scales and mirrored, probabilities averaged."
      })
  private Protocol protocol = Protocol.WHOLE;

  @Option(
      names = "--scales",
      paramLabel = "S,S",
      split = ",",
      description = "The scales of multi-scale, as multiples of the input.")
  private List<Double> scales = TestProtocol.MultiScale.USUAL;

  @Option(
      names = "--device",
      showDefaultValue = Visibility.NEVER,
      paramLabel = "DEVICE",
      converter = EngineOptions.DeviceConverter.class,
      description = {"auto, cpu, cuda or cuda:N.", "  Default: cpu"})
  private ExecutionTarget device = new ExecutionTarget.Cpu();

  @Option(names = "--json", description = "Print all figures, as JSON.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "DIR",
      description = "Write a page with the figures, the confusion and the worst images to DIR.")
  private @Nullable Path html;

  static final class ProtocolConverter implements ITypeConverter<Protocol> {
    @Override
    public Protocol convert(String value) {
      for (Protocol protocol : Protocol.values()) {
        if (protocol.toString().equals(value)) {
          return protocol;
        }
      }
      throw new TypeConversionException("'" + value + "' is not whole, centre-crop or multi-scale");
    }
  }

  @Override
  public Integer call() {
    invocation.requirePositive("--count", count);
    options.requireSensible();
    if ((folder == null) == (synthetic == null)) {
      throw invocation.refused("Say what to measure on: DATASET or --synthetic SEED");
    }
    Model first = options.accepted(model.open());
    Model second = other == null ? null : options.accepted(ModelArgument.named(other));
    if (second != null) {
      requireEqualClasses(first, second);
    }
    if (html != null) {
      OutputFile.makeFolder("--html", html);
    }
    TestProtocol shown = invocation.made("--scales", this::protocol);
    if (folder == null) {
      measure(first, second, shown, scenes(first.spec().classes()), scenesName());
    } else {
      DatasetFolder dataset = labels.open(folder, first.spec().classes());
      String split = split(dataset);
      DatasetOptions.check(dataset, split, options.threads()).requireSound();
      measure(
          first,
          second,
          shown,
          dataset.frames(split),
          folder + (split == null ? "" : ", split " + split));
    }
    return 0;
  }

  private TestProtocol protocol() {
    return switch (protocol) {
      case WHOLE -> new TestProtocol.Whole();
      case CENTRE_CROP -> new TestProtocol.CentreCrop();
      case MULTI_SCALE -> new TestProtocol.MultiScale(scales);
    };
  }

  private void requireEqualClasses(Model first, Model second) {
    if (!names(first.spec().classes()).equals(names(second.spec().classes()))) {
      throw new StartException(
          "--compare: model %s has other classes than %s"
              .formatted(second.origin(), first.origin()));
    }
  }

  private static List<String> names(ClassCatalog classes) {
    return classes.classes().stream().map(SegmentationClass::name).toList();
  }

  private LabeledFrames scenes(ClassCatalog classes) {
    if (!names(classes).equals(names(StreetClass.catalog()))) {
      throw new StartException(
          "--synthetic: the model's classes are not those of the scenes: "
              + String.join(", ", names(StreetClass.catalog())));
    }
    return SceneFrames.likeTheDemos(
        Split.TEST, synthetic == null ? 1 : synthetic, count, conditions);
  }

  private String scenesName() {
    return "synthetic scenes, test split, seed "
        + synthetic
        + (conditions == Conditions.USUAL ? "" : ", " + conditions + " conditions");
  }

  private @Nullable String split(DatasetFolder dataset) {
    String asked = labels.split();
    return asked != null
        ? asked
        : USUAL_SPLITS.stream().filter(dataset.splits()::contains).findFirst().orElse(null);
  }

  private void measure(
      Model first,
      @Nullable Model second,
      TestProtocol shown,
      LabeledFrames frames,
      String dataset) {
    Evaluation evaluation = evaluate(first, shown, frames);
    EvaluationReport report = EvaluationReport.of(evaluation, dataset);
    Compared compared = null;
    if (second != null) {
      Evaluation others = evaluate(second, shown, frames);
      compared =
          new Compared(
              report,
              EvaluationReport.of(others, dataset),
              ComparisonReport.of(evaluation, others, seed));
    }
    print(report, compared);
    if (html != null) {
      try {
        EvaluationPage.write(
            html, evaluation, report, compared == null ? null : compared.comparison, frames);
      } catch (IOException e) {
        throw new StartException("--html: cannot write to " + html + ": " + e, e);
      }
    }
  }

  private Evaluation evaluate(Model measured, TestProtocol shown, LabeledFrames frames) {
    CountedProgress bar = CountedProgress.standardError("image", frames.size());
    return invocation.made(
        () -> {
          EngineSettings settings = options.settings(measured, device, 1, true);
          return Evaluator.evaluate(
              measured,
              settings,
              shown,
              frames,
              settings.precision() == PrecisionChoice.AUTO
                  ? Engines.of(options.engine())
                  : Engines.plainest(options.engine()),
              (done, total) -> bar.show(done, ""));
        });
  }

  private void print(EvaluationReport report, @Nullable Compared compared) {
    PrintWriter out = invocation.out();
    if (json) {
      try {
        out.println(
            JSON.writerWithDefaultPrettyPrinter()
                .writeValueAsString(compared == null ? report : compared));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a report can't be written as JSON", e);
      }
    } else {
      out.print(EvaluationTable.of(report));
      if (compared != null) {
        out.println();
        out.print(EvaluationTable.of(compared.comparison));
      }
    }
    out.flush();
  }
}
