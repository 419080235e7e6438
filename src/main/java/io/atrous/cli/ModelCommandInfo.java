package io.atrous.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelSpec;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.BlockSpec;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.ProgramSpec;
import io.atrous.model.Quantization;
import io.atrous.model.Quantization.Accuracy;
import io.atrous.model.StorageType;
import io.atrous.model.TorchScriptFile;
import io.atrous.network.CostModel;
import io.atrous.network.Weights;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code atrous model info}: what a model file says, and what its network costs. */
@Command(
    name = "info",
    description = "Says what a model is: network, classes, input, cost, digest.",
    footer = {
      "",
      "The digest is the one that mask events carry: of the weights and the calibration for int8,"
          + " or of the whole TorchScript file.",
      "Multiply-adds are those of the convolutions, for one image; twice as many operations."
    })
final class ModelCommandInfo implements Callable<Integer> {

  /**
   * What {@code --json} prints; a program doesn't say what it computes.
   *
   * @param untrained the number of tensors that were never trained
   * @param int8 how it computes in eight bits; null if it was not calibrated
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Report(
      ModelSpec model,
      @Nullable NetworkSpec network,
      @Nullable ProgramSpec program,
      @Nullable Cost cost,
      int untrained,
      @Nullable Quantization int8,
      String sha256) {}

  /**
   * What a network is made of and costs.
   *
   * @param storage the types in which its tensors are stored
   * @param multiplyAdds for one image of the given size
   */
  record Cost(
      int tensors,
      Set<StorageType> storage,
      long parameters,
      int height,
      int width,
      long multiplyAdds) {

    static Cost of(ModelFile file, Size size) {
      Weights.of(file);
      CostModel cost = CostModel.of(file.network(), size.height(), size.width());
      return new Cost(
          file.names().size(),
          file.storageTypes(),
          cost.parameters(),
          size.height(),
          size.width(),
          cost.multiplyAdds());
    }
  }

  @Mixin private Invocation invocation = new Invocation();
  @Mixin private ModelArgument model = new ModelArgument();

  @Option(
      names = "--input",
      paramLabel = "HxW",
      converter = Size.Converter.class,
      description = {
        "The image's size to count multiply-adds at.",
        "  Default: the model's input size"
      })
  private @Nullable Size input;

  @Option(
      names = "--json",
      description = "Print one JSON object, with every number of the network.")
  private boolean json;

  @Override
  public Integer call() {
    Report report = report(model.open());
    if (json) {
      PrintWriter out = invocation.out();
      out.println(written(report));
      out.flush();
    } else {
      print(report);
    }
    return 0;
  }

  private Report report(Model opened) {
    ModelSpec spec = opened.spec();
    if (opened instanceof ModelFile file) {
      Size size = input == null ? new Size(spec.inputHeight(), spec.inputWidth()) : input;
      return new Report(
          spec,
          file.network(),
          null,
          Cost.of(file, size),
          file.untrained(),
          file.quantization().orElse(null),
          file.sha256());
    }
    if (input != null) {
      throw invocation.refused("--input: what a TorchScript file computes can't be counted");
    }
    TorchScriptFile file = (TorchScriptFile) opened;
    return new Report(spec, null, file.program(), null, 0, null, file.sha256());
  }

  private static String written(Report report) {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("all of it is data", e);
    }
  }

  private void print(Report report) {
    LabelledLines lines = new LabelledLines(invocation.out());
    ModelSpec spec = report.model();
    lines.print("model", "%s, version %s", spec.name(), spec.version());
    if (report.untrained() > 0) {
      lines.print("untrained", "%d tensors: train it before it serves", report.untrained());
    }
    if (report.network() != null) {
      print(lines, report.network());
    }
    if (report.program() != null) {
      print(lines, report.program());
    }
    lines.print(
        "input",
        "%dx%d, %s",
        spec.inputHeight(),
        spec.inputWidth(),
        spec.resizePolicy().name().toLowerCase(Locale.ROOT));
    lines.print(
        "pixels",
        "mean %s, deviation %s",
        spec.normalization().mean(),
        spec.normalization().deviation());
    if (report.int8() != null) {
      print(lines, report.int8());
    }
    if (report.cost() != null) {
      print(lines, report.cost());
    }
    lines.print("sha256", "%s", report.sha256());
    print(lines, spec.classes());
  }

  private static void print(LabelledLines lines, NetworkSpec network) {
    lines.print("network", "%s", network.summary());
    lines.print(
        "backbone",
        "%s stem, %s blocks, base width %d",
        network.stem().name().toLowerCase(Locale.ROOT),
        network.block().name().toLowerCase(Locale.ROOT),
        network.baseWidth());
    for (int i = 0; i < network.stages().size(); i++) {
      List<BlockSpec> blocks = network.stages().get(i);
      lines.print(
          "  stage " + (i + 1),
          "blocks %d, stride %d, dilations %s",
          blocks.size(),
          blocks.get(0).stride(),
          runs(blocks.stream().map(BlockSpec::dilation).toList()));
    }
    lines.print(
        "ASPP",
        "%d channels, %d convolutions after it",
        network.aspp().channels(),
        network.aspp().refinements());
    DecoderSpec decoder = network.decoder();
    if (decoder != null) {
      lines.print(
          "decoder",
          "%d convolutions of %d channels, %d low-level channels",
          decoder.convolutions(),
          decoder.channels(),
          decoder.lowLevelChannels());
    }
    lines.print("upsampling", "corners %s", aligned(network.alignCorners()));
  }

  private static void print(LabelledLines lines, ProgramSpec program) {
    lines.print(
        "network",
        "a TorchScript program, layout %s, channels %s",
        program.layout(),
        program.channels());
    lines.print("upsampling", "corners %s", aligned(program.alignCorners()));
  }

  private static void print(LabelledLines lines, Quantization int8) {
    Accuracy accuracy = int8.accuracy();
    lines.print(
        "int8",
        "%d convolutions, calibrated by %s on %d images",
        int8.weights().size(),
        accuracy.rule(),
        accuracy.calibrationImages());
    lines.print(
        "int8 costs",
        "%.2f points of mean IoU, at worst %.2f (%s); %.2f %% of pixels as fp32",
        accuracy.loss(),
        accuracy.worstClassLoss(),
        accuracy.worstClass(),
        100 * accuracy.agreement());
  }

  private static void print(LabelledLines lines, Cost cost) {
    lines.print(
        "parameters",
        "%,d in %d tensors, stored as %s",
        cost.parameters(),
        cost.tensors(),
        cost.storage().stream().map(StorageType::name).collect(Collectors.joining(", ")));
    lines.print(
        "multiply-adds", "%.2f G at %dx%d", cost.multiplyAdds() / 1e9, cost.height(), cost.width());
  }

  private static void print(LabelledLines lines, ClassCatalog classes) {
    for (int i = 0; i < classes.size(); i++) {
      lines.print(
          i == 0 ? "classes" : "", "%3d #%06x %s", i, classes.get(i).rgb(), classes.get(i).name());
    }
  }

  private static String aligned(boolean alignCorners) {
    return alignCorners ? "aligned" : "not aligned";
  }

  /** Numbers, each of a longer run once: {@code 2 1x22}. */
  private static String runs(List<Integer> numbers) {
    StringBuilder text = new StringBuilder();
    for (int begin = 0, end; begin < numbers.size(); begin = end) {
      int number = numbers.get(begin);
      end = begin + 1;
      while (end < numbers.size() && numbers.get(end) == number) {
        end++;
      }
      text.append(begin == 0 ? "" : " ").append(number);
      if (end - begin > 1) {
        text.append("x").append(end - begin);
      }
    }
    return text.toString();
  }
}
