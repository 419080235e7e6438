package io.atrous.model;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.atrous.model.NetworkSpec.DecoderSpec;
import io.atrous.model.Safetensors.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A model in one safetensors file: weights under the network's parameter names, and as JSON in the
 * header, under the metadata key {@value #METADATA_KEY}, a {@link ModelSpec} and a {@link
 * NetworkSpec}.
 *
 * <p><b>Threading:</b> immutable.
 */
public final class ModelFile {

  static final String METADATA_KEY = "atrous.model";

  /** Raised when a reader of this version could misunderstand what a writer says. */
  static final int FORMAT_VERSION = 1;

  private static final String SHIPPED = "street.safetensors";

  private static final ObjectMapper JSON = json();

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

  private final Safetensors file;
  private final Document document;

  private ModelFile(Safetensors file) {
    this.file = file;
    this.document = document(file);
  }

  /**
   * Opens a model; its weights stay on disk until they are asked for.
   *
   * @throws ModelFileException if it is missing, damaged or not a model
   */
  public static ModelFile open(Path path) {
    return new ModelFile(Safetensors.open(path));
  }

  /** The small street model in the jar, trained on synthetic scenes (docs/training.md). */
  public static ModelFile shipped() {
    try (InputStream in = ModelFile.class.getResourceAsStream(SHIPPED)) {
      if (in == null) {
        throw new ModelFileException("This build ships no model " + SHIPPED);
      }
      return new ModelFile(Safetensors.parse(SHIPPED, ByteBuffer.wrap(in.readAllBytes())));
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the shipped model " + SHIPPED, e);
    }
  }

  /**
   * Writes a model, whole or not at all.
   *
   * @param tensors under the network's parameter names
   * @param type how they are stored
   * @throws IllegalArgumentException if the model and its network differ in classes
   */
  public static void write(
      Path path, ModelSpec spec, NetworkSpec network, Map<String, Tensor> tensors, StorageType type)
      throws IOException {
    Document document = new Document(FORMAT_VERSION, spec, network);
    Path partial = path.resolveSibling(path.getFileName() + ".partial");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial))) {
        String json = JSON.writeValueAsString(document);
        Safetensors.write(out, Map.of(METADATA_KEY, json), tensors, type);
      }
      try {
        Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(partial, path, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  public ModelSpec spec() {
    return document.model();
  }

  /** Which network the weights belong to. */
  public NetworkSpec network() {
    return document.network();
  }

  /** What to call the file in messages. */
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

  /** A tensor's numbers in single precision, row-major, in an array of the caller's. */
  public float[] tensor(String name) {
    return file.values(name);
  }

  /** SHA-256 of the weights as stored, 64 lower-case hexadecimal digits. */
  public String sha256() {
    return file.sha256();
  }

  private static Document document(Safetensors file) {
    String json = file.metadata().get(METADATA_KEY);
    if (json == null) {
      throw new ModelFileException(
          "File "
              + file.origin()
              + " holds tensors but no '"
              + METADATA_KEY
              + "' in its metadata: it is not an Atrous model");
    }
    try {
      int version = JSON.readTree(json).path("formatVersion").asInt();
      if (version != FORMAT_VERSION) {
        throw new ModelFileException(
            "Model file "
                + file.origin()
                + " has format version "
                + version
                + "; this release reads version "
                + FORMAT_VERSION);
      }
      return JSON.readValue(json, Document.class);
    } catch (JsonProcessingException e) {
      throw new ModelFileException(
          "Model file " + file.origin() + " has an unusable specification: " + reason(e), e);
    }
  }

  /** Takes a document as it is written or not at all: a number guessed is a wrong mask. */
  private static ObjectMapper json() {
    ObjectMapper mapper =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL))
            .build();
    mapper
        .configOverride(DecoderSpec.class)
        .setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.SET));
    return mapper;
  }

  /** Where in the document, and what is wrong there. */
  private static String reason(JsonProcessingException e) {
    Throwable cause = e.getCause();
    String what =
        cause instanceof IllegalArgumentException && cause.getMessage() != null
            ? cause.getMessage()
            : e.getOriginalMessage().lines().findFirst().orElse("");
    if (!(e instanceof JsonMappingException mapping) || mapping.getPath().isEmpty()) {
      return what;
    }
    String where =
        mapping.getPath().stream()
            .map(
                step ->
                    step.getIndex() >= 0 ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
            .collect(Collectors.joining())
            .substring(1);
    return what + " (at " + where + ")";
  }
}
