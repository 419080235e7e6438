package io.atrous.checkpoint;

import io.atrous.checkpoint.Source.Rotated;
import io.atrous.checkpoint.Source.Separable;
import io.atrous.checkpoint.Source.SigmoidAsSoftmax;
import io.atrous.checkpoint.Source.Stored;
import io.atrous.checkpoint.torch.Pickled.Opaque;
import io.atrous.model.NetworkSpec;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.StorageType;
import io.atrous.network.BatchNormFolding;
import io.atrous.network.ConvUnit;
import io.atrous.network.CostModel;
import io.atrous.network.Initialization;
import io.atrous.network.ParameterSpec;
import io.atrous.network.ParameterSpec.Role;
import io.atrous.network.TensorDifferences;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint becomes a model: which network its tensors make up, and where each tensor of
 * that network comes from. Making one checks all names and shapes and reads no numbers.
 *
 * <p>What projects do differently is undone in the weights where that is exact: the order of a
 * concatenation, separable convolutions. So the network needs to know of none of them.
 *
 * <p><b>Threading:</b> immutable; it reads the checkpoint, which stays the caller's.
 */
public final class CheckpointImport {

  /**
   * Things that training scripts keep beside a network's own modules, by the first part of its
   * name.
   */
  private static final Pattern TRAINING_AID =
      Pattern.compile(
          "(criterion\\w*|\\w*loss(es)?|loss_\\w+|\\w*metrics?|aux\\w*|class_weights?|pos_weight"
              + "|n_averaged|(\\w+_)?(mean|std))(\\..*)?");

  private final Checkpoint checkpoint;
  private final String prefix;
  private final Inventory tensors;
  private final long seed;
  private final Family family;
  private final @Nullable SmpConfiguration configuration;
  private final NetworkSpec network;
  private final Map<String, String> modules;
  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final List<ParameterSpec> fresh = new ArrayList<>();
  private final int imported;

  private CheckpointImport(Checkpoint checkpoint, ImportOptions options) {
    this.checkpoint = checkpoint;
    this.seed = options.seed();
    Located located = Located.in(checkpoint, options.prefix());
    this.prefix = located.prefix();
    this.family = located.family();
    this.tensors = new Inventory(checkpoint, prefix);
    SmpConfiguration beside = checkpoint.configuration();
    this.configuration = family.isSmp() ? beside : null;
    Structure structure =
        new Structure(
            tensors, family, configuration == null ? options : configuration.under(options));
    this.network = structure.network();
    Head head = family.layout().head();
    boolean whole = structure.keepsDecoder();
    this.modules = head == null ? Map.of() : head.modules(whole);
    for (CostModel.Layer layer : CostModel.of(network, 1, 1).layers()) {
      addSources(layer.unit());
    }
    this.imported = claim(head == null || whole ? List.of() : head.modulesAfterAspp());
  }

  /**
   * Plans an import.
   *
   * @throws io.atrous.model.ModelFileException if the checkpoint is of no known family, or has
   *     tensors missing, extra, or of another shape than its network's
   */
  public static CheckpointImport of(Checkpoint checkpoint, ImportOptions options) {
    return new CheckpointImport(checkpoint, options);
  }

  /** Which project's checkpoint it is. */
  public Family family() {
    return family;
  }

  /** The network that the tensors make up. */
  public NetworkSpec network() {
    return network;
  }

  /** Returns the file beside the checkpoint that says how the network was made, if there is one. */
  public Optional<Path> configurationFile() {
    return Optional.ofNullable(configuration).map(SmpConfiguration::file);
  }

  /** Pixels down and across that the project's own code brings images to, unless told. */
  public int usualInputSize() {
    return family.conventions().inputSize();
  }

  /**
   * Returns the names of what the checkpoint has beside the network, such as an optimizer's state
   * or the weights of a loss.
   */
  public List<String> notRead() {
    return Stream.concat(
            checkpoint.beside(prefix).stream(),
            tensors.shapes().keySet().stream().filter(this::isTrainingAid).map(prefix::concat))
        .toList();
  }

  /** Returns the number of the network's tensors that the model is made from. */
  public int imported() {
    return imported;
  }

  /** Returns the number of the network's tensors that are not needed. */
  public int dropped() {
    return (int) tensors.shapes().keySet().stream().filter(name -> !isTrainingAid(name)).count()
        - imported;
  }

  /** Returns the coarsest type in which the checkpoint has tensors that the model is made from. */
  public StorageType storage() {
    return sources.values().stream()
        .flatMap(source -> source.needs().keySet().stream())
        .flatMap(name -> Stream.ofNullable(checkpoint.type(prefix + name).storage()))
        .max(Comparator.comparingDouble(Agreement::limit))
        .orElse(StorageType.F32);
  }

  /**
   * Returns the number of the network's tensors that the checkpoint doesn't have: they start
   * untrained.
   */
  public int fresh() {
    return fresh.size();
  }

  /**
   * The network's tensors by name, row-major, in arrays of the caller's.
   *
   * @throws io.atrous.model.ModelFileException if a number is not finite, can't be read, or is a
   *     variance that no batch norm has
   */
  public Map<String, float[]> tensors() {
    Map<String, float[]> values = new LinkedHashMap<>();
    sources.forEach((name, source) -> values.put(name, source.values(this::stored)));
    Initialization initialization = new Initialization(seed);
    fresh.forEach(parameter -> values.put(parameter.name(), initialization.values(parameter)));
    requireFoldable(values);
    return values;
  }

  /** A batch norm that can't be folded can't be served. */
  private void requireFoldable(Map<String, float[]> values) {
    try {
      for (CostModel.Layer layer : CostModel.of(network, 1, 1).layers()) {
        var unused =
            BatchNormFolding.fold(layer.unit(), name -> Objects.requireNonNull(values.get(name)));
      }
    } catch (ArithmeticException e) {
      throw tensors.refused(String.valueOf(e.getMessage()));
    }
  }

  private float[] stored(String name) {
    float[] values = checkpoint.values(prefix + name);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw tensors.refused(name + " contains " + value);
      }
    }
    return values;
  }

  private void addSources(ConvUnit unit) {
    for (ParameterSpec parameter : unit.parameters()) {
      int dot = parameter.name().lastIndexOf('.');
      String module = moduleOf(parameter.name().substring(0, dot));
      if (module == null) {
        fresh.add(parameter);
      } else {
        Stored stored = new Stored(module + parameter.name().substring(dot), parameter.shape());
        sources.put(parameter.name(), sourceOf(unit, parameter, module, stored));
      }
    }
  }

  /** What the checkpoint calls one of the network's modules, or null if it has none. */
  private @Nullable String moduleOf(String name) {
    String backbone = Layout.SEED.backbone();
    return name.startsWith(backbone)
        ? family.layout().backbone() + name.substring(backbone.length())
        : modules.get(name);
  }

  private Source sourceOf(ConvUnit unit, ParameterSpec parameter, String module, Stored stored) {
    if (unit.norm() == null && hasOneLogit()) {
      List<Integer> shape = new ArrayList<>(parameter.shape());
      shape.set(0, 1);
      return new SigmoidAsSoftmax(new Stored(stored.name(), shape));
    }
    if (parameter.role() != Role.WEIGHT) {
      return stored;
    }
    Source source =
        tensors
            .separable(module)
            .<Source>map(
                sequence ->
                    new Separable(
                        sequence + ".0.weight", sequence + ".1.weight", parameter.shape()))
            .orElse(stored);
    Head head = family.layout().head();
    DecoderSpec decoder = network.decoder();
    return head != null
            && decoder != null
            && head.lowLevelFirst()
            && module.equals(head.decoder().get(0).convolution())
        ? new Rotated(source, decoder.lowLevelChannels(), parameter.shape())
        : source;
  }

  private boolean isTrainingAid(String name) {
    return !family.drops(name) && TRAINING_AID.matcher(name).matches();
  }

  private boolean hasOneLogit() {
    Head head = family.layout().head();
    return head != null && tensors.outChannels(head.classifier()) == 1;
  }

  /**
   * Holds what is needed against what there is.
   *
   * @param unwanted modules whose tensors are dropped
   * @return how many tensors are needed
   */
  private int claim(List<String> unwanted) {
    Map<String, List<Integer>> needed = new TreeMap<>();
    for (Source source : sources.values()) {
      source
          .needs()
          .forEach(
              (name, shape) -> {
                if (needed.put(name, shape) != null) {
                  throw new IllegalStateException(name + " would be imported twice");
                }
              });
    }
    Map<String, List<Integer>> found = new TreeMap<>(tensors.shapes());
    found
        .keySet()
        .removeIf(
            name ->
                family.drops(name)
                    || isTrainingAid(name)
                    || unwanted.stream().anyMatch(module -> name.startsWith(module + ".")));
    requireTensors(needed.keySet());
    String differences = TensorDifferences.between(needed, found);
    if (!differences.isEmpty()) {
      throw tensors.refused(differences);
    }
    for (String name : needed.keySet()) {
      if (!checkpoint.type(prefix + name).isFloat()) {
        throw tensors.refused(
            name + " holds " + checkpoint.type(prefix + name) + ", not floating-point numbers");
      }
    }
    return needed.size();
  }

  /** Quantized tensors, say, are objects of another kind. */
  private void requireTensors(Set<String> needed) {
    for (String name : needed) {
      Opaque opaque = checkpoint.opaques().get(prefix + name);
      if (opaque != null) {
        throw tensors.refused(name + " is a " + opaque + ", which is not read");
      }
    }
  }
}
