package io.atrous.cli;

import io.atrous.checkpoint.Checkpoint;
import io.atrous.checkpoint.CheckpointImport;
import io.atrous.checkpoint.ImportOptions;
import io.atrous.model.ClassCatalog;
import io.atrous.model.Model;
import io.atrous.model.ModelFile;
import io.atrous.model.ModelFileException;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.BlockType;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.Normalization;
import io.atrous.network.CostModel;
import io.atrous.network.ParameterSpec;
import io.atrous.network.Weights;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which network and weights a training begins with, as a mixin. */
final class TrainingStart {

  private static final String STREET = "street";
  private static final Size STREET_INPUT = new Size(256, 448);
  private static final Size RESNET_INPUT = new Size(513, 513);
  private static final Pattern RESNET = Pattern.compile("resnet(18|34|50|101)(-os(8|16))?");
  private static final int RESNET_WIDTH = 64;
  private static final int ASPP_CHANNELS = 256;

  @Mixin private Invocation invocation = new Invocation();

  @Option(
      names = {"--init", "--from"},
      paramLabel = "MODEL",
      description =
          "Begin with a model's network and weights, or builtin:street's. If its classes are"
              + " others, its classifier starts untrained.")
  private @Nullable String init;

  @Option(
      names = "--backbone",
      paramLabel = "FILE",
      description =
          "Begin with the backbone, and the ASPP if there is one, of a checkpoint that `model"
              + " import` knows; the rest starts untrained.")
  private @Nullable Path backbone;

  @Option(
      names = "--network",
      paramLabel = "NAME|FILE",
      description = {
        "Begin untrained, with a network for a camera's CPU (street), with resnet18, 34, 50 or"
            + " 101 (resnet50-os8: output stride 8), or with that of a model file.",
        "  Default: street"
      })
  private @Nullable String network;

  /**
   * What a training begins with.
   *
   * @param weights every tensor of the network by name
   * @param input the input size that models of this network usually have
   * @param trained whether its backbone is trained
   * @param description a description for people
   */
  record Start(
      NetworkSpec network,
      Map<String, float[]> weights,
      Normalization normalization,
      Size input,
      boolean trained,
      String description) {}

  /** Checks that no more than one beginning is said. */
  void requireSensible() {
    if (Stream.of(init, backbone, network).filter(option -> option != null).count() > 1) {
      throw invocation.refused("--init, --backbone and --network exclude each other");
    }
  }

  /**
   * Opens the beginning.
   *
   * @param classes the classes to be trained
   * @param seed the seed of untrained tensors
   */
  Start open(ClassCatalog classes, long seed) {
    if (init != null) {
      return fromModel(init, classes, seed);
    }
    return backbone != null
        ? fromCheckpoint(backbone, classes, seed)
        : untrained(network == null ? STREET : network, classes, seed);
  }

  private static Start fromModel(String name, ClassCatalog classes, long seed) {
    if (!(Model.named(name) instanceof ModelFile file)) {
      throw new ModelFileException(
          "--init: %s is a TorchScript file; `atrous model import` makes a model of a checkpoint"
              .formatted(name));
    }
    Weights weights = Weights.of(file);
    NetworkSpec network = file.network().withClasses(classes.size());
    Set<String> fresh =
        file.spec().classes().equals(classes) ? Set.of() : classifierTensors(network);
    Weights untrained = Weights.untrained(network, seed);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (ParameterSpec parameter : CostModel.parametersOf(network)) {
      Weights source = fresh.contains(parameter.name()) ? untrained : weights;
      tensors.put(parameter.name(), source.tensor(parameter.name()));
    }
    return new Start(
        network,
        tensors,
        file.spec().normalization(),
        new Size(file.spec().inputHeight(), file.spec().inputWidth()),
        true,
        file.origin() + (fresh.isEmpty() ? "" : ", with a new classifier for other classes"));
  }

  private static Set<String> classifierTensors(NetworkSpec network) {
    List<CostModel.Layer> layers = CostModel.of(network, 1, 1).layers();
    Set<String> names = new HashSet<>();
    layers
        .get(layers.size() - 1)
        .unit()
        .parameters()
        .forEach(parameter -> names.add(parameter.name()));
    return names;
  }

  private Start fromCheckpoint(Path file, ClassCatalog classes, long seed) {
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      CheckpointImport plan =
          CheckpointImport.of(
              checkpoint, new ImportOptions(null, null, true, classes.size(), seed, null));
      return new Start(
          plan.network(),
          plan.tensors(),
          Normalization.IMAGENET,
          new Size(plan.usualInputSize(), plan.usualInputSize()),
          true,
          "%s, %s: %d tensors, and %d untrained"
              .formatted(file, plan.family().label(), plan.imported(), plan.fresh()));
    }
  }

  private static Start untrained(String name, ClassCatalog classes, long seed) {
    Matcher resnet = RESNET.matcher(name);
    if (name.equals(STREET)) {
      NetworkSpec spec =
          NetworkSpec.deepLabV3Plus(List.of(1, 1, 1, 1), 16, 16, 48, classes.size())
              .withDecoder(new DecoderSpec(24, 48, 2));
      return untrained(spec, STREET_INPUT, seed);
    } else if (resnet.matches()) {
      int outputStride = "8".equals(resnet.group(3)) ? 8 : 16;
      return untrained(
          resNet(Integer.parseInt(resnet.group(1)), outputStride, classes.size()),
          RESNET_INPUT,
          seed);
    }
    ModelFile like = ModelFile.open(Path.of(name));
    return untrained(
        like.network().withClasses(classes.size()),
        new Size(like.spec().inputHeight(), like.spec().inputWidth()),
        seed);
  }

  private static Start untrained(NetworkSpec network, Size input, long seed) {
    Weights weights = Weights.untrained(network, seed);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    CostModel.parametersOf(network)
        .forEach(parameter -> tensors.put(parameter.name(), weights.tensor(parameter.name())));
    return new Start(
        network, tensors, Normalization.IMAGENET, input, false, network.summary() + ", untrained");
  }

  private static NetworkSpec resNet(int depth, int outputStride, int classes) {
    List<Integer> blocks =
        switch (depth) {
          case 18 -> List.of(2, 2, 2, 2);
          case 34, 50 -> List.of(3, 4, 6, 3);
          default -> List.of(3, 4, 23, 3);
        };
    NetworkSpec spec =
        NetworkSpec.deepLabV3Plus(blocks, RESNET_WIDTH, outputStride, ASPP_CHANNELS, classes);
    return depth >= 50
        ? spec
        : new NetworkSpec(
            spec.inputChannels(),
            spec.classes(),
            spec.stem(),
            BlockType.BASIC,
            spec.baseWidth(),
            spec.stages(),
            spec.aspp(),
            spec.decoder(),
            spec.alignCorners());
  }
}
