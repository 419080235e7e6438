package io.atrous.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A safetensors file: an 8-byte little-endian header size, a JSON header that names each tensor's
 * type, shape and place, then the numbers. Only floating-point numbers can be looked at.
 *
 * <p>The header is checked whole before any number is looked at: sizes, overlaps, gaps, repeated
 * names. The format is specified at <a
 * href="https://github.com/huggingface/safetensors#format">huggingface/safetensors</a>.
 *
 * <p><b>Threading:</b> immutable; the mapped memory lives as long as this is reachable.
 */
public final class Safetensors {

  /** A ResNet-101's header takes about 100 kB. */
  private static final int MAX_HEADER_BYTES = 4 << 20;

  private static final int MAX_DIMENSIONS = 8;
  private static final int HEADER_ALIGNMENT = 8;
  private static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxStringLength(MAX_HEADER_BYTES)
                          .build())
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Where a tensor lies.
   *
   * @param begin the position of the first of its bytes, from the start of the data section
   * @param end the end of its bytes, exclusive
   */
  private record Place(ElementType type, List<Integer> shape, long begin, long end) {}

  /**
   * A tensor to write.
   *
   * @param shape its dimensions
   * @param values float, row-major
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Tensor(List<Integer> shape, float[] values) {
    public Tensor {
      shape = List.copyOf(shape);
      long count = 1;
      for (int size : shape) {
        count = Math.multiplyExact(count, size);
      }
      if (count != values.length) {
        throw new IllegalArgumentException(
            "a tensor of shape " + shape + " does not have " + values.length + " values");
      }
    }
  }

  private final String origin;
  private final Map<String, String> metadata;
  private final SortedMap<String, Place> places;
  private final ByteBuffer data;

  private Safetensors(
      String origin,
      Map<String, String> metadata,
      SortedMap<String, Place> places,
      ByteBuffer data) {
    this.origin = origin;
    this.metadata = Map.copyOf(metadata);
    this.places = places;
    this.data = data;
  }

  /**
   * Maps a file.
   *
   * @throws ModelFileException if it is missing or not a well-formed safetensors file
   */
  public static Safetensors open(Path file) {
    ForeignFile.requireRegular(file);
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new ModelFileException("Model file " + file + " is larger than 2 GiB");
      }
      return parse(file.toString(), channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    } catch (NoSuchFileException e) {
      throw new ModelFileException("There is no model file " + file, e);
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the model file " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a file's bytes.
   *
   * @param origin the file's name in messages
   * @param bytes the whole file; kept
   */
  public static Safetensors parse(String origin, ByteBuffer bytes) {
    ByteBuffer file = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (file.capacity() < Long.BYTES) {
      throw damaged(origin, "it is shorter than a header");
    }
    long headerBytes = file.getLong(0);
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
      throw damaged(origin, "it claims a header of " + headerBytes + " bytes");
    }
    if (headerBytes > file.capacity() - Long.BYTES) {
      throw damaged(origin, "it ends within its header");
    }
    byte[] header = new byte[(int) headerBytes];
    file.get(Long.BYTES, header);
    int dataStart = Long.BYTES + header.length;
    ByteBuffer data =
        file.slice(dataStart, file.capacity() - dataStart).order(ByteOrder.LITTLE_ENDIAN);
    JsonNode root;
    try {
      root = JSON.readTree(header);
    } catch (JsonProcessingException e) {
      throw new ModelFileException(
          "Model file "
              + origin
              + " is damaged: its header is not the JSON of safetensors ("
              + e.getOriginalMessage().lines().findFirst().orElse("")
              + ")",
          e);
    } catch (IOException e) {
      throw new ModelFileException("Cannot read the model file " + origin, e);
    }
    if (!(root instanceof ObjectNode object)) {
      throw damaged(origin, "its header is not a JSON object");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    SortedMap<String, Place> places = new TreeMap<>();
    object
        .properties()
        .forEach(
            entry -> {
              if (entry.getKey().equals(METADATA)) {
                readMetadata(origin, entry.getValue(), metadata);
              } else {
                places.put(entry.getKey(), place(origin, entry.getKey(), entry.getValue()));
              }
            });
    checkCoverage(origin, places, data.capacity());
    return new Safetensors(origin, metadata, places, data);
  }

  /** Returns the file's name in messages. */
  public String origin() {
    return origin;
  }

  /** The free-form strings of the header. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The tensors' names, sorted. */
  public List<String> names() {
    return List.copyOf(places.keySet());
  }

  /** A tensor's dimensions. */
  public List<Integer> shape(String name) {
    return placeOf(name).shape();
  }

  /** Returns the type in which a tensor is stored. */
  public ElementType type(String name) {
    return placeOf(name).type();
  }

  /**
   * A tensor's numbers in single precision, row-major, in an array of the caller's.
   *
   * @throws ModelFileException if they are not floating-point numbers
   */
  public float[] values(String name) {
    Place place = placeOf(name);
    if (!place.type().isFloat()) {
      throw new ModelFileException(
          "Model file "
              + origin
              + ": tensor "
              + name
              + " holds "
              + place.type()
              + ", not floating-point numbers");
    }
    int bytes = place.type().bytes();
    float[] values = new float[(int) ((place.end() - place.begin()) / bytes)];
    for (int i = 0; i < values.length; i++) {
      values[i] = place.type().read(data, (int) place.begin() + i * bytes);
    }
    return values;
  }

  /** SHA-256 of the data section, 64 lower-case hexadecimal digits. */
  public String sha256() {
    return sha256("");
  }

  /** SHA-256 of the data section and a text after it. */
  String sha256(String text) {
    MessageDigest digest = Sha256.digest();
    digest.update(data.duplicate());
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Writes a file; equal tensors and metadata make equal bytes.
   *
   * @param out receives the file; stays open
   * @param type the type in which all tensors are stored
   */
  public static void write(
      OutputStream out, Map<String, String> metadata, Map<String, Tensor> tensors, StorageType type)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode meta = header.putObject(METADATA);
    new TreeMap<>(metadata).forEach(meta::put);
    SortedMap<String, Tensor> sorted = new TreeMap<>(tensors);
    long begin = 0;
    for (Map.Entry<String, Tensor> tensor : sorted.entrySet()) {
      long end = begin + (long) tensor.getValue().values().length * type.bytes();
      describe(
          header.putObject(tensor.getKey()), type.name(), tensor.getValue().shape(), begin, end);
      begin = end;
    }
    writeHeader(out, header);
    for (Tensor tensor : sorted.values()) {
      ByteBuffer bytes =
          ByteBuffer.allocate(tensor.values().length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (float value : tensor.values()) {
        type.write(bytes, value);
      }
      out.write(bytes.array());
    }
  }

  /** Returns the same tensors under other metadata. */
  Safetensors with(Map<String, String> other) {
    return new Safetensors(origin, other, places, data);
  }

  /**
   * Writes the file as it is, its tensors where they were.
   *
   * @param out receives the file; stays open
   */
  void write(OutputStream out) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode meta = header.putObject(METADATA);
    new TreeMap<>(metadata).forEach(meta::put);
    places.forEach(
        (name, place) ->
            describe(
                header.putObject(name),
                place.type().name(),
                place.shape(),
                place.begin(),
                place.end()));
    writeHeader(out, header);
    byte[] bytes = new byte[data.capacity()];
    data.get(0, bytes);
    out.write(bytes);
  }

  private static void describe(
      ObjectNode node, String type, List<Integer> shape, long begin, long end) {
    node.put("dtype", type);
    shape.forEach(node.putArray("shape")::add);
    node.putArray("data_offsets").add(begin).add(end);
  }

  private static void writeHeader(OutputStream out, ObjectNode header) throws IOException {
    byte[] json = JSON.writeValueAsBytes(header);
    int padding = Math.floorMod(-json.length, HEADER_ALIGNMENT);
    ByteBuffer size = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(size.putLong(json.length + padding).array());
    out.write(json);
    out.write(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
  }

  private Place placeOf(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new ModelFileException("Model file " + origin + " has no tensor " + name);
    }
    return place;
  }

  private static void readMetadata(String origin, JsonNode node, Map<String, String> metadata) {
    if (!node.isObject()) {
      throw damaged(origin, METADATA + " is not an object");
    }
    node.properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isTextual()) {
                throw damaged(origin, METADATA + " has a value that is not a string");
              }
              metadata.put(entry.getKey(), entry.getValue().textValue());
            });
  }

  private static Place place(String origin, String name, JsonNode node) {
    if (!TensorName.isUsable(name)) {
      throw damaged(origin, "it has a tensor with an unusable name");
    }
    ElementType type;
    String dtype = node.path("dtype").asText();
    try {
      type = ElementType.valueOf(dtype);
    } catch (IllegalArgumentException e) {
      throw new ModelFileException(
          "Model file "
              + origin
              + ": tensor "
              + name
              + " is stored as "
              + (TensorName.isUsable(dtype) ? dtype : "nothing")
              + "; F64, F32, F16, BF16 and whole numbers are known",
          e);
    }
    JsonNode dimensions = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dimensions.isArray() || dimensions.size() > MAX_DIMENSIONS) {
      throw damaged(origin, "tensor " + name + " has no usable shape");
    }
    if (offsets.size() != 2
        || !offsets.get(0).isIntegralNumber()
        || !offsets.get(1).isIntegralNumber()
        || !offsets.get(0).canConvertToLong()
        || !offsets.get(1).canConvertToLong()) {
      throw damaged(origin, "tensor " + name + " has no usable data_offsets");
    }
    List<Integer> shape = new ArrayList<>();
    long bytes = type.bytes();
    for (JsonNode dimension : dimensions) {
      if (!dimension.isInt() || dimension.intValue() < 0) {
        throw damaged(origin, "tensor " + name + " has an impossible dimension " + dimension);
      }
      shape.add(dimension.intValue());
      try {
        bytes = Math.multiplyExact(bytes, dimension.intValue());
      } catch (ArithmeticException e) {
        throw damaged(origin, "tensor " + name + " has an impossible shape " + dimensions);
      }
    }
    long begin = offsets.get(0).longValue();
    long end = offsets.get(1).longValue();
    if (begin < 0 || end < begin || end - begin != bytes) {
      throw damaged(
          origin,
          "tensor " + name + " of shape " + shape + " can't lie at [" + begin + ", " + end + ")");
    }
    return new Place(type, List.copyOf(shape), begin, end);
  }

  /** The format has no room for gaps and overlaps. */
  private static void checkCoverage(String origin, Map<String, Place> places, long dataBytes) {
    List<Place> ordered =
        places.values().stream()
            .sorted(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end))
            .toList();
    long expected = 0;
    for (Place place : ordered) {
      if (place.begin() != expected) {
        throw damaged(origin, "its tensors overlap or leave a gap at byte " + expected);
      }
      expected = place.end();
    }
    if (expected != dataBytes) {
      throw damaged(origin, "its header describes " + expected + " bytes but it has " + dataBytes);
    }
  }

  private static ModelFileException damaged(String origin, String why) {
    return new ModelFileException("Model file " + origin + " is damaged: " + why);
  }
}
