package io.atrous.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.atrous.model.Safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model in one safetensors file: weights under the network's parameter names, and as JSON in the
 * header, under the metadata key {@value #METADATA_KEY}, a {@link ModelSpec} and a {@link
 * NetworkSpec}.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class ModelFile implements Model {

  static final String METADATA_KEY = "atrous.model";

  /** The number of tensors that were never trained; absent if all were. */
  private static final String UNTRAINED_KEY = "atrous.untrained";

  /** How it computes in eight bits, as JSON; absent if it was not calibrated. */
  private static final String INT8_KEY = "atrous.int8";

  private static final String SHIPPED = "street.safetensors";

  /** What stands in the header. */
  private record Document(int formatVersion, ModelSpec model, NetworkSpec network) {
    Document {
      if (model.classes().size() != network.classes()) {
        throw new IllegalArgumentException(
            "the model names "
                + model.classes().size()
                + " classes but its network has "
                + network.classes());
      }
    }
  }

  /**
   * What stands beside it in a file that was calibrated. Readers that don't know it pass it over.
   */
  private record Int8Document(int formatVersion, Quantization quantization) {}

  private final Safetensors file;
  private final Document document;
  private final @Nullable Quantization quantization;

  private ModelFile(Safetensors file) {
    this.file = file;
    this.document = document(file);
    this.quantization = quantization(file);
    for (String name : file.names()) {
      if (file.type(name).storage() == null) {
        throw new ModelFileException(
            "Model file "
                + file.origin()
                + ": tensor "
                + name
                + " is stored as "
                + file.type(name)
                + "; F32, F16 and BF16 can be read");
      }
    }
  }

  /**
   * Opens a model; its weights stay on disk until they are asked for.
   *
   * @throws ModelFileException if it is missing, damaged or not a model
   */
  public static ModelFile open(Path path) {
    return new ModelFile(Safetensors.open(path));
  }

  /** The small street model in the jar, trained on synthetic scenes (docs/street-model.md). */
  public static ModelFile shipped() {
    try (InputStream in = ModelFile.class.getResourceAsStream(SHIPPED)) {
      if (in == null) {
        throw new ModelFileException("This build ships no model " + SHIPPED);
      }
      return parse(SHIPPED, ByteBuffer.wrap(in.readAllBytes()));
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the shipped model " + SHIPPED, e);
    }
  }

  static ModelFile parse(String origin, ByteBuffer bytes) {
    return new ModelFile(Safetensors.parse(origin, bytes));
  }

  /**
   * Writes a model, whole or not at all.
   *
   * @param tensors under the network's parameter names, all of them trained
   * @param type the type in which they are stored
   * @throws IllegalArgumentException if the model and its network differ in classes
   */
  public static void write(
      Path path, ModelSpec spec, NetworkSpec network, Map<String, Tensor> tensors, StorageType type)
      throws IOException {
    write(path, spec, network, tensors, type, 0);
  }

  /**
   * Writes a model, whole or not at all.
   *
   * @param tensors under the network's parameter names
   * @param type the type in which they are stored
   * @param untrained the number of tensors that were never trained
   * @throws IllegalArgumentException if the model and its network differ in classes
   */
  public static void write(
      Path path,
      ModelSpec spec,
      NetworkSpec network,
      Map<String, Tensor> tensors,
      StorageType type,
      int untrained)
      throws IOException {
    Map<String, String> metadata = new HashMap<>();
    metadata.put(
        METADATA_KEY,
        SpecificationJson.write(new Document(SpecificationJson.FORMAT_VERSION, spec, network)));
    if (untrained > 0) {
      metadata.put(UNTRAINED_KEY, Integer.toString(untrained));
    }
    WholeFile.write(path, out -> Safetensors.write(out, metadata, tensors, type));
  }

  @Override
  public ModelSpec spec() {
    return document.model();
  }

  /** Which network the weights belong to. */
  public NetworkSpec network() {
    return document.network();
  }

  @Override
  public String origin() {
    return file.origin();
  }

  /** The tensors' names, sorted. */
  public List<String> names() {
    return file.names();
  }

  /** A tensor's dimensions. */
  public List<Integer> shape(String name) {
    return file.shape(name);
  }

  /** Returns the types in which the tensors are stored: one, if Atrous wrote the file. */
  public SortedSet<StorageType> storageTypes() {
    return file.names().stream()
        .map(name -> Objects.requireNonNull(file.type(name).storage()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A tensor's numbers in single precision, row-major, in an array of the caller's. */
  public float[] tensor(String name) {
    return file.values(name);
  }

  /** Returns the number of tensors that were never trained. */
  public int untrained() {
    String untrained = file.metadata().getOrDefault(UNTRAINED_KEY, "0");
    try {
      return Integer.parseUnsignedInt(untrained);
    } catch (NumberFormatException e) {
      throw new ModelFileException(
          "Model file " + file.origin() + " is damaged: its " + UNTRAINED_KEY + " is no number", e);
    }
  }

  /**
   * Refuses a model whose masks would mean nothing.
   *
   * @param permission what the user says to have it all the same
   * @throws ModelFileException if some of its tensors were never trained
   */
  public void requireTrained(String permission) {
    if (untrained() > 0) {
      throw new ModelFileException(
          "Model file "
              + file.origin()
              + " has "
              + untrained()
              + " untrained tensors, so that its masks mean nothing: train it first (atrous model"
              + " train --from), or say "
              + permission);
    }
  }

  /** How the network computes in eight bits; empty if it was not calibrated. */
  public Optional<Quantization> quantization() {
    return Optional.ofNullable(quantization);
  }

  /** Returns the same model with another calibration; nothing is written. */
  public ModelFile with(Quantization calibrated) {
    Map<String, String> metadata = new HashMap<>(file.metadata());
    try {
      metadata.put(
          INT8_KEY,
          SpecificationJson.write(new Int8Document(SpecificationJson.FORMAT_VERSION, calibrated)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a calibration can't be written as JSON", e);
    }
    return new ModelFile(file.with(metadata));
  }

  /** Writes the model, whole or not at all, its tensors as they are. */
  public void write(Path path) throws IOException {
    WholeFile.write(path, file::write);
  }

  /**
   * SHA-256 of all that masks depend on, 64 lower-case hexadecimal digits: the weights as stored,
   * and the calibration if there is one.
   */
  @Override
  public String sha256() {
    return file.sha256(file.metadata().getOrDefault(INT8_KEY, ""));
  }

  private static @Nullable Quantization quantization(Safetensors file) {
    String json = file.metadata().get(INT8_KEY);
    return json == null
        ? null
        : SpecificationJson.read(
                "The calibration of model file " + file.origin(), json, Int8Document.class)
            .quantization();
  }

  private static Document document(Safetensors file) {
    String json = file.metadata().get(METADATA_KEY);
    if (json == null) {
      throw new ModelFileException(
          "File "
              + file.origin()
              + " holds tensors but no '"
              + METADATA_KEY
              + "' in its metadata: it is not an Atrous model; `atrous model import` makes one of a"
              + " checkpoint");
    }
    return SpecificationJson.read("Model file " + file.origin(), json, Document.class);
  }
}
